"""Short links on disk: a file for each, named by the hash of what it holds.

A file is written once and never changed or removed: a code that stands in lecture notes goes on
meaning the same. So their number is bounded by refusing new ones, and not by dropping old ones.
What is read is trusted only if it has the form of a link and the hash of its name.
"""

from __future__ import annotations

import hashlib
import logging
import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from flowviz.scene.settings import SHOWN
from flowviz.ui.jobs.store import cache_folder, write_whole

LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32: what a reader mistakes for 1 or 0 (i, l, o) is in no code, and read so."""
CODE_LENGTH = 10
LONGEST = 4_608
"""The letters of a link; one that our pages make is shorter."""
FILE = 4_096
"""The bytes of a file: a link that is longer is compressed, which fits, of at most 94 letters."""
MOST = 20_000
"""Short links of a server: 82 MB at most."""

_MISREAD = str.maketrans("ilo", "110")
_CODE = re.compile(rf"[{LETTERS}]{{{CODE_LENGTH}}}")
_LINK = re.compile(rf"(?:{'|'.join(SHOWN)})\?[!-~]+")
_ZLIB = zlib.compress(b"")[:1]
_LOCK = Lock()

_log = logging.getLogger(__name__)


def code_of(link: str) -> str:
    """The code of a link: the first 50 bits of its SHA-256, in ten letters."""
    number = int.from_bytes(hashlib.sha256(link.encode()).digest()[:7]) >> 6
    return "".join(LETTERS[number >> 5 * k & 31] for k in reversed(range(CODE_LENGTH)))


def _packed(link: bytes) -> bytes:
    return link if len(link) <= FILE else zlib.compress(link, 9)


def _unpacked(stored: bytes) -> bytes:
    """The link of a file, at most a letter longer than `LONGEST`."""
    if stored[:1] != _ZLIB:  # no page's name begins with this letter
        return stored
    return zlib.decompressobj().decompress(stored, LONGEST + 1)


def read_code(typed: str) -> str | None:
    """A code as somebody typed it; None for what is none."""
    if len(typed) > 4 * CODE_LENGTH:
        return None
    code = typed.strip().lower().translate(_MISREAD)
    return code if _CODE.fullmatch(code) else None


@dataclass(frozen=True)
class Links:
    """A folder of short links.

    Attributes:
        folder: its path; created when first needed.
        most: how many it takes.
    """

    folder: Path
    most: int = MOST

    @classmethod
    def default(cls) -> Links:
        """Those of this server."""
        return cls(cache_folder() / "links")

    def get(self, code: str) -> str | None:
        """The link of a code, ``page?query``; None for one that is not there, or is damaged.

        Args:
            code: of `read_code`.
        """
        try:
            with self._path(code).open("rb") as file:
                link = _unpacked(file.read(LONGEST + 1)).decode("ascii")
        except (OSError, UnicodeDecodeError, zlib.error):
            return None
        whole = len(link) <= LONGEST and _LINK.fullmatch(link)
        return link if whole and code_of(link) == code else None

    def put(self, link: str) -> str | None:
        """Keep a link; its code, or None where the disk or the bound does not allow it."""
        if len(link) > LONGEST or not _LINK.fullmatch(link):
            return None
        stored = _packed(link.encode("ascii"))
        if len(stored) > FILE:
            return None
        code = code_of(link)
        path = self._path(code)
        try:
            with _LOCK:
                if path.exists():  # of another link with this code, or damaged: it stays
                    return code if self.get(code) == link else None
                self.folder.mkdir(parents=True, exist_ok=True)
                if sum(1 for _ in self.folder.iterdir()) >= self.most:
                    _log.warning("no more short links: %s has %d", self.folder, self.most)
                    return None
                write_whole(path, stored)
        except OSError as error:
            _log.warning("a short link is not kept: %s", error)
            return None
        return code

    def _path(self, code: str) -> Path:
        if not _CODE.fullmatch(code):
            raise ValueError(f"a code is {CODE_LENGTH} of {LETTERS}, got {code!r}")
        return self.folder / f"{code}.txt"
