"""What mail, chat and web pages do to a link on its way, undone; and the checksum that says so.

A link's last parameter, ``sum``, is a checksum of the others. A link that does not match is mended
in the ways that links are known to be damaged in, each tried until it matches: line breaks and the
spaces beside them, escapes escaped once more, characters that closed the sentence around it. One
that matches in none of them is mangled, and that is said: nobody is shown another scene.

A link without a checksum is an older one, or was typed by hand. Of the same damage what cannot be
meant is undone in it, too, and a line break is told of.
"""

from __future__ import annotations

import html
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import unquote

SUM = "sum"

# What mail programs, social networks and search engines add to whatever address they pass on.
_NAMES = """
    fbclid gclid dclid gbraid wbraid msclkid twclid ttclid yclid ysclid li_fat_id igshid
    igsh si mc_cid mc_eid mkt_tok _hsenc _hsmi vero_id vero_conv oly_enc_id oly_anon_id
    rb_clickid s_cid spm scm wickedid _openstat _ga _gl ref ref_src ref_url isappinstalled
    nsukey share_token share_source weibo_id
"""
TRACKERS = frozenset(_NAMES.split())
_TRACKER_FAMILIES = ("utm_", "hsa_", "pk_", "mtm_", "matomo_")

# Closes a sentence, a bracket or a quotation around a link, and is no end of a value of ours.
_CLOSING = ".,;:!?>\"'`|\\”’»›…。，、；：！？）】》」』〉〕］｝"
_BRACKETS = {")": "(", "]": "[", "}": "{"}
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff]")
# Where a line was broken; mail may indent the next one. A space beside a break may be a formula's
# own: each pattern takes more of them for the break's.
_BREAKS = (r"[\r\n]+", r"[\r\n]+[ \t]*", r"[ \t]*[\r\n]+[ \t]*")

Texts = dict[str, str]


def checksum(texts: Mapping[str, str]) -> str:
    """Six hexadecimal digits of CRC-32 over the parameters, in the order of their names."""
    lines = "\n".join(f"{key}={texts[key]}" for key in sorted(texts) if key != SUM)
    return f"{zlib.crc32(lines.encode('utf-8', 'surrogatepass')) & 0xFFFFFF:06x}"


def without_trackers(texts: Mapping[str, str]) -> Texts:
    """The parameters that were not added on the way."""
    return {
        key: text
        for key, text in texts.items()
        if key.lower() not in TRACKERS and not key.lower().startswith(_TRACKER_FAMILIES)
    }


def mended(texts: Mapping[str, str], known: Callable[[str], bool]) -> tuple[Texts, str]:
    """The parameters as they were written, without their checksum.

    Args:
        texts: a link's parameters, without trackers, in the link's order.
        known: whether a name is one of a parameter of ours.

    Returns:
        The parameters; and "" where all is well, ``mangled`` where the checksum does not match,
        ``broken`` where line breaks were taken out of a link without a checksum.
    """
    texts = {_bare(key): text for key, text in texts.items()}
    joined = _joined(texts, _BREAKS[-1])
    if SUM not in joined and SUM not in _joined(texts, r"\s+"):
        was_broken = joined != _seen(texts)
        return _unclosed(_unescaped(joined) if was_broken else joined), "broken" * was_broken
    for candidate in _candidates(texts):
        given = candidate.pop(SUM, "").strip().lower()[:6]
        if given == checksum({key: text for key, text in candidate.items() if known(key)}):
            return candidate, ""
    texts.pop(SUM, None)
    return texts, "mangled"


def _candidates(texts: Texts) -> Iterator[Texts]:
    """The texts in the ways they may have been written, the likeliest first."""
    yield dict(texts)
    for whole in (texts, *(_joined(texts, mark) for mark in _BREAKS), _joined(texts, r"\s+")):
        yield dict(whole)
        yield _unclosed(whole)
        yield _unescaped(whole)
        yield {html.unescape(key): html.unescape(text) for key, text in whole.items()}


def _unescaped(texts: Texts) -> Texts:
    """With what was escaped once more, or in the middle of an escape broken, decoded."""
    return {unquote(key): unquote(text) for key, text in texts.items()}


def _bare(key: str) -> str:
    """A parameter's name without what is left of ``&amp;``, however often it was escaped."""
    key = _UNSEEN.sub("", key).strip()
    while key.startswith(("amp;", "#38;", "#x26;")):
        key = key.partition(";")[2]
    return key


def _seen(texts: Texts) -> Texts:
    return {key: _UNSEEN.sub("", text) for key, text in texts.items()}


def _joined(texts: Texts, mark: str) -> Texts:
    """Without what a line was broken with: a pattern."""
    return {re.sub(mark, "", key): re.sub(mark, "", text) for key, text in _seen(texts).items()}


def _unclosed(texts: Texts) -> Texts:
    """Without what closed the sentence or the bracket around the link, after its last value."""
    if not texts:
        return {}
    last = next(reversed(texts))
    return texts | {last: _trimmed(texts[last])}


def _trimmed(text: str) -> str:
    while text:
        end = text[-1]
        opening = _BRACKETS.get(end)
        if opening and text.count(opening) >= text.count(end):
            return text
        if not opening and end not in _CLOSING and not end.isspace():
            return text
        text = text[:-1]
    return text
