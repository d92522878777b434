"""First pictures on request: made in a thread of their own, within a time, and kept.

A request waits for its picture as long as `PATIENCE_S` and never behind more than a few others;
then its document has the words alone, and the picture is there for the next request.

What computes is imported late: `flowviz.ui.server` sets the number of threads before.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs

from flowviz.text import Language, translator

PATIENCE_S = 0.7
WAITING = 4
"""The most pictures that are asked for at a time."""
KEPT = 128
_FIELDS = 1000  # of a query; Streamlit reads none with more

_log = logging.getLogger(__name__)
_thread = ThreadPoolExecutor(1, thread_name_prefix="first-picture")
_kept: OrderedDict[tuple[str, Language, str], str] = OrderedDict()
_asked = 0


async def first_picture(page: str, pages: tuple[str, ...], lang: Language, query: str) -> str:
    """The elements of a page's first picture for the query of its address; from anyone."""
    global _asked
    key = page, lang, query
    if key in _kept:
        _kept.move_to_end(key)
        return _kept[key]
    if _asked >= WAITING:
        return words(page, pages, lang)
    _asked += 1
    try:
        loop = asyncio.get_running_loop()
        made = loop.run_in_executor(_thread, make, page, pages, lang, query)
        found = await asyncio.wait_for(asyncio.shield(made), PATIENCE_S)
    except TimeoutError:
        return words(page, pages, lang)
    finally:
        _asked -= 1
    _kept[key] = found
    while len(_kept) > KEPT:
        _kept.popitem(last=False)
    return found


def words(page: str, pages: tuple[str, ...], lang: Language) -> str:
    """The elements without a picture."""
    from flowviz.ui.first_picture.markup import markup

    return markup(page, pages, translator(lang), None, None)


def make(page: str, pages: tuple[str, ...], lang: Language, query: str) -> str:
    """The elements with the picture of the query's scene, or with the words alone."""
    from flowviz.scene import Scene
    from flowviz.ui.first_picture.compute import still
    from flowviz.ui.first_picture.markup import markup

    try:
        scene = Scene.from_query(parse_qs(query, keep_blank_values=True, max_num_fields=_FIELDS))
        tr = translator(lang, scene.convention)
        return markup(page, pages, tr, scene, still(page, scene))
    except ValueError as error:  # a scene that the page refuses, too
        _log.info("no first picture: %s", error)
    except Exception:
        _log.exception("no first picture of %s?%s", page, query)
    return words(page, pages, lang)
