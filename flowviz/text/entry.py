"""An entry of the dictionary."""

from __future__ import annotations

from typing import NamedTuple


class Text(NamedTuple):
    """A text in English and in Chinese.

    Both are ``str.format`` templates with the same placeholders: ``"{n} more"``, ``"还有 {n} 个"``.
    A literal brace is doubled. Format specifications such as ``{n:,}`` work; floats without one
    have ten digits: 0.3 and not 0.30000000000000004. English chooses between one and several by
    ``{n:point|points}``.
    """

    en: str
    zh: str
