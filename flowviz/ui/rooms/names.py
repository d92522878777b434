"""Names of rooms: a short word and a number, as ``river-427``, to be read aloud and typed."""

from __future__ import annotations

import re
import secrets
import unicodedata

WORDS = (
    "amber", "apple", "arrow", "basil", "birch", "bread", "brook", "cedar", "cliff", "cloud",
    "coral", "delta", "eagle", "sunny", "fern", "flint", "grape", "hazel", "honey", "island",
    "kite", "lake", "lemon", "lilac", "linen", "lotus", "maple", "meadow", "mint", "north", "ocean",
    "olive", "opal", "orbit", "otter", "panda", "pearl", "pepper", "piano", "plum", "poppy",
    "quartz", "rabbit", "raven", "river", "robin", "sage", "salt", "silver", "solar", "storm",
    "sugar", "swan", "tiger", "topaz", "tulip", "velvet", "walnut", "willow", "zebra",
)  # fmt: skip
"""Latin letters on every keyboard; no two differ by one letter (`tests/test_rooms.py`)."""
LOWEST, HIGHEST = 100, 999
LONGEST = 40
"""Characters of a typed name that are read."""

_NAME = re.compile(r"([a-z]+)-([0-9]{3})")
_TYPED = re.compile(r"([a-z]+)[\s_\-–—]*([0-9]{3})")


def new_name() -> str:
    """A name by chance, of 54,000."""
    return f"{secrets.choice(WORDS)}-{LOWEST + secrets.randbelow(HIGHEST - LOWEST + 1)}"


def read_name(typed: str) -> str | None:
    """A name as somebody typed it: any case, with a blank or nothing between; None for none."""
    if len(typed) > LONGEST:
        return None
    found = _TYPED.fullmatch(unicodedata.normalize("NFKC", typed).strip().lower())
    if not found or found[1] not in WORDS or int(found[2]) < LOWEST:
        return None
    return f"{found[1]}-{found[2]}"


def is_name(text: str) -> bool:
    """Whether a text is a name in its one spelling."""
    return bool(_NAME.fullmatch(text)) and read_name(text) == text
