"""One entry of the dictionary: the same words in every language of the interface."""

from __future__ import annotations

from typing import NamedTuple


class Text(NamedTuple):
    """What is said, in English and in Chinese, side by side so that neither is forgotten.

    Both are ``str.format`` templates with the same placeholders: ``"{n} more"``, ``"还有 {n} 个"``.
    A literal brace is doubled. Format specifications such as ``{n:,}`` work; a float without one is
    written plainly, 0.3 and not 0.30000000000000004.
    """

    en: str
    zh: str
