"""Repair of links that mail, chat or web pages have damaged, verified by a checksum.

A link begins with its version and ``sum``, a checksum of all other parameters. If it does not
match, the known kinds of damage are undone, one after the other, until it does: line breaks and the
spaces next to them, escapes that were escaped again, and what was written directly behind the link.
A link that is cut or never matches is ``mangled`` and reported, so that no other scene than the
sender's is shown.

In links of version 1 the checksum is last, or missing. Without it, a link is old or typed by hand:
damage that cannot be a part of a value is undone in it, too, and a line break is reported.
"""

from __future__ import annotations

import html
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from urllib.parse import parse_qs, unquote

CHECKSUM = "sum"
_ALWAYS_CHECKED = frozenset({"2"})  # versions of which every link has a checksum

# Parameters that mail programs, social networks and search engines add to addresses.
_NAMES = """
    fbclid gclid dclid gbraid wbraid msclkid twclid ttclid yclid ysclid li_fat_id igshid
    igsh si mc_cid mc_eid mkt_tok _hsenc _hsmi vero_id vero_conv oly_enc_id oly_anon_id
    rb_clickid s_cid spm scm wickedid _openstat _ga _gl ref ref_src ref_url isappinstalled
    nsukey share_token share_source weibo_id
"""
TRACKERS = frozenset(_NAMES.split())
_TRACKER_PREFIXES = ("utm_", "hsa_", "pk_", "mtm_", "matomo_")

# Ends a sentence, a bracket or a quotation around a link, and never a value of a scene.
_CLOSING = ".,;:!?>\"'`|\\”’»›…。，、；：！？）】》」』〉〕］｝"
_BRACKETS = {")": "(", "]": "[", "}": "{"}
_MARK = re.compile(r"[^0-9A-Za-z]")
_MAX_MARKS = 20  # in what may follow a link directly
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff]")
# Line breaks; mail may indent the next line. A space next to a break may belong to a formula, so
# each pattern includes more spaces than the one before.
_BREAKS = (r"[\r\n]+", r"[\r\n]+[ \t]*", r"[ \t]*[\r\n]+[ \t]*")

Texts = dict[str, str]


def checksum(texts: Mapping[str, str]) -> str:
    """Six hexadecimal digits of CRC-32 over the parameters, in the order of their names."""
    lines = "\n".join(f"{key}={texts[key]}" for key in sorted(texts) if key != CHECKSUM)
    return f"{zlib.crc32(lines.encode('utf-8', 'surrogatepass')) & 0xFFFFFF:06x}"


def clean_name(key: str) -> str:
    """A parameter's name without invisible characters and the remains of an escaped ``&``."""
    key = _INVISIBLE.sub("", key).strip()
    while key.startswith(("amp;", "#38;", "#x26;")):
        key = key.partition(";")[2]
    return key


def without_trackers(texts: Mapping[str, str]) -> Texts:
    """The parameters without those that mail programs and web pages add."""
    return {key: text for key, text in texts.items() if not _is_tracker(key)}


def decoded_whole(
    query: Mapping[str, str | Sequence[str]],
) -> Mapping[str, str | Sequence[str]]:
    """The parameters of a query whose ``=`` and ``&``, or ``&`` alone, were escaped once more.

    It has a single name then, besides trackers: one with a ``=``, which no name has, or the first
    of a link, whose value goes on with the checksum. Any other query is returned as it is.
    """
    names = [name for name in query if not _is_tracker(name)]
    if len(names) != 1:
        return query
    (name,), given = names, query[names[0]]
    value = given if isinstance(given, str) else "".join(given[-1:])
    if "=" in name:
        whole = f"{name}={value}" if value else name
        return parse_qs(whole.lstrip("?"), keep_blank_values=True)
    if f"&{CHECKSUM}=" in value:
        pairs = (pair.partition("=") for pair in f"{name}={value}".split("&"))
        return {key: text for key, _, text in pairs}
    return query


def _is_tracker(name: str) -> bool:
    return name.lower() in TRACKERS or name.lower().startswith(_TRACKER_PREFIXES)


def repaired(texts: Mapping[str, str], is_parameter: Callable[[str], bool]) -> tuple[Texts, str]:
    """The parameters with damage undone, without their checksum.

    Args:
        texts: a link's parameters by clean names, without trackers, in the link's order.
        is_parameter: whether a name is that of a scene's parameter.

    Returns:
        The parameters and a state: ``mangled`` if the checksum does not match or was cut off,
        ``broken`` if line breaks were removed from a link without a checksum, else "".
    """
    texts = dict(texts)
    joined = _without_breaks(texts, _BREAKS[-1])
    if CHECKSUM not in joined and CHECKSUM not in _without_breaks(texts, r"\s+"):
        if joined.get("v") in _ALWAYS_CHECKED:
            return texts, "mangled"
        was_broken = joined != _visible(texts)
        return _without_closing(_unquoted(joined) if was_broken else joined), "broken" * was_broken
    for candidate in _candidates(texts):
        expected = candidate.pop(CHECKSUM, "").strip().lower()[:6]
        if expected == checksum(
            {key: text for key, text in candidate.items() if is_parameter(key)}
        ):
            return candidate, ""
    texts.pop(CHECKSUM, None)
    return texts, "mangled"


def _candidates(texts: Texts) -> Iterator[Texts]:
    """The texts with each kind of damage undone, the likeliest first."""
    tried: list[Texts] = []
    for joined in (texts, *(_without_breaks(texts, pattern) for pattern in (*_BREAKS, r"\s+"))):
        if joined in tried:
            continue
        tried.append(joined)
        yield dict(joined)
        yield from _shortened(joined)
        yield _unquoted(joined)
        yield {html.unescape(key): html.unescape(text) for key, text in joined.items()}


def _shortened(texts: Texts) -> Iterator[Texts]:
    """The texts without what may have run into the link's end, from a mark or a foreign letter."""
    last = next(reversed(texts))
    for mark in list(_MARK.finditer(texts[last]))[-_MAX_MARKS:]:
        yield texts | {last: texts[last][: mark.start()]}


def _unquoted(texts: Texts) -> Texts:
    """Decode texts that were escaped twice, or broken within an escape."""
    return {unquote(key): unquote(text) for key, text in texts.items()}


def _visible(texts: Texts) -> Texts:
    return {key: _INVISIBLE.sub("", text) for key, text in texts.items()}


def _without_breaks(texts: Texts, pattern: str) -> Texts:
    """The texts without line breaks, which match the pattern."""
    return {
        re.sub(pattern, "", key): re.sub(pattern, "", text) for key, text in _visible(texts).items()
    }


def _without_closing(texts: Texts) -> Texts:
    """The texts without punctuation of the surrounding sentence after the last value."""
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
