"""Short links: a file for each, named by the hash of what it holds.

They are in the cache directory, or, where servers of several machines share their results, in the
store that these share. A file is written once and never changed or removed: a code that stands in
lecture notes goes on meaning the same. So their number is bounded by refusing new ones, and not by
dropping old ones. What is read is trusted only if it has the form of a link and the hash of its
name.
"""

from __future__ import annotations

import hashlib
import logging
import math
import re
import time
import zlib
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Protocol

from flowviz.scene.settings import SHOWN
from flowviz.ui.jobs.shared_store import files_at
from flowviz.ui.jobs.store import cache_folder, shared_address, write_whole

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


class Files(Protocol):
    """Where short links are kept."""

    def read(self, name: str) -> bytes | None:
        """The first bytes of a file, one more than `LONGEST` at most; None if there is none."""
        ...

    def exists(self, name: str) -> bool:
        """Whether there is a file of that name."""
        ...

    def count(self) -> int:
        """How many files there are."""
        ...

    def write(self, name: str, data: bytes) -> None:
        """Write a file, whole or not at all."""
        ...


@dataclass(frozen=True)
class Folder:
    """A folder of this machine, or one that it mounts; created when first needed."""

    path: Path

    def read(self, name: str) -> bytes | None:
        """See `Files`."""
        try:
            with (self.path / name).open("rb") as file:
                return file.read(LONGEST + 1)
        except FileNotFoundError:
            return None

    def exists(self, name: str) -> bool:
        """See `Files`."""
        return (self.path / name).exists()

    def count(self) -> int:
        """See `Files`."""
        return sum(1 for _ in self.path.iterdir()) if self.path.exists() else 0

    def write(self, name: str, data: bytes) -> None:
        """See `Files`."""
        self.path.mkdir(parents=True, exist_ok=True)
        write_whole(self.path / name, data)


@dataclass(frozen=True)
class Shared:
    """A folder of a store that several machines share: an address of fsspec's.

    A store of objects writes each whole. Its listing is asked for once a minute.
    """

    address: str

    def read(self, name: str) -> bytes | None:
        """See `Files`."""
        files, root = files_at(self.address)
        try:
            return files.cat_file(f"{root}/{name}")[: LONGEST + 1]
        except FileNotFoundError:
            return None

    def exists(self, name: str) -> bool:
        """See `Files`."""
        return self.read(name) is not None  # a listing may be that of a minute ago

    def count(self) -> int:
        """See `Files`."""
        files, root = files_at(self.address)
        at, count = _COUNTED.get(self.address, (-math.inf, 0))
        if time.monotonic() - at > _COUNT_EVERY_S:
            at, count = time.monotonic(), len(files.ls(root)) if files.exists(root) else 0
        _COUNTED[self.address] = at, count + 1
        return count

    def write(self, name: str, data: bytes) -> None:
        """See `Files`."""
        files, root = files_at(self.address)
        files.makedirs(root, exist_ok=True)
        files.pipe_file(f"{root}/{name}", data)


_COUNT_EVERY_S = 60.0
_COUNTED: dict[str, tuple[float, int]] = {}
"""When the files of an address were counted, and how many there are since."""


@dataclass(frozen=True)
class Links:
    """The short links of some files.

    Attributes:
        files: where they are.
        most: how many it takes.
    """

    files: Files
    most: int = MOST

    @classmethod
    def default(cls) -> Links:
        """Those of this server, or of all that share a store."""
        address = shared_address()
        if address is None:
            return cls(Folder(cache_folder() / "links"))
        mounted = address.removeprefix("file://")
        if mounted != address:
            return cls(Folder(Path(mounted) / "links"))
        return cls(Shared(f"{address.rstrip('/')}/links"))

    def get(self, code: str) -> str | None:
        """The link of a code, ``page?query``; None for one that is not there, or is damaged.

        Args:
            code: of `read_code`.
        """
        name = _name(code)
        try:
            link = _unpacked(self.files.read(name) or b"").decode("ascii")
        except (UnicodeDecodeError, zlib.error):
            return None
        except Exception as error:  # each store has errors of its own
            _log.warning("a short link cannot be read: %s", type(error).__name__)
            return None
        whole = len(link) <= LONGEST and _LINK.fullmatch(link)
        return link if whole and code_of(link) == code else None

    def put(self, link: str) -> str | None:
        """Keep a link; its code, or None where the store or the bound does not allow it."""
        if len(link) > LONGEST or not _LINK.fullmatch(link):
            return None
        stored = _packed(link.encode("ascii"))
        if len(stored) > FILE:
            return None
        code = code_of(link)
        try:
            with _LOCK:
                if self.files.exists(_name(code)):  # of another link with this code, or damaged
                    return code if self.get(code) == link else None
                if self.files.count() >= self.most:
                    _log.warning("no more short links: there are %d", self.most)
                    return None
                self.files.write(_name(code), stored)
        except Exception as error:
            _log.warning("a short link is not kept: %s", type(error).__name__)
            return None
        return code


def _name(code: str) -> str:
    if not _CODE.fullmatch(code):
        raise ValueError(f"a code is {CODE_LENGTH} of {LETTERS}, got {code!r}")
    return f"{code}.txt"
