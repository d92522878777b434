"""A progress bar for computations that take long."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from flowviz.text import Translator
from flowviz.ui.session.cache import Progress

_DELAY_S = 0.5  # shorter computations show no bar
_EVERY_S = 0.1


@contextmanager
def progress_bar(
    tr: Translator, delay: float = _DELAY_S, *, keep: bool = False
) -> Iterator[Progress]:
    """Context that shows a progress bar where it is called, from ``delay`` seconds on.

    Args:
        tr: the translator.
        delay: seconds before it is first drawn.
        keep: leave it at the end of the block, for a computation that the next run continues.

    Yields:
        The function to call with the fraction done.
    """
    slot = st.empty()
    next_update = time.monotonic() + delay

    def report(done: float) -> None:
        nonlocal next_update
        now = time.monotonic()
        if now >= next_update:
            next_update = now + _EVERY_S
            percent = min(99, round(100 * done))  # 100 is the result itself
            slot.progress(min(max(done, 0.0), 1.0), tr("frame.computing", percent=percent))

    yield report
    if not keep:
        slot.empty()
