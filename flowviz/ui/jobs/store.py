"""Results on disk, by the key of what was asked: the same link shows at once what it once found.

A file appears whole or not at all (written beside its place, then renamed); the least recently
used go when all together are too large. A full or unwritable disk costs the memory of results and
nothing else. What is read is never unpickled: bytes in, bytes out.
"""

from __future__ import annotations

import logging
import os
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

_LOG = logging.getLogger(__name__)
_LOCK = Lock()
_ENDING = ".bin"
_FORGOTTEN_S = 600.0

LIMIT = 512 * 2**20
"""Bytes that all results together may take."""


@dataclass(frozen=True)
class Store:
    """Files of a folder.

    Attributes:
        folder: made when first needed.
        limit: bytes in it, at most.
    """

    folder: Path
    limit: int = LIMIT

    @classmethod
    def usual(cls) -> Store:
        """``FLOWVIZ_CACHE``, or a folder of the user's cache."""
        if named := os.environ.get("FLOWVIZ_CACHE"):
            return cls(Path(named))
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        return cls(Path(base) / "flowviz")

    def get(self, key: str) -> bytes | None:
        """What was put under a key, if it is still there."""
        path = self._path(key)
        try:
            data = path.read_bytes()
        except OSError:
            return None
        with suppress(OSError):
            os.utime(path)
        return data

    def put(self, key: str, data: bytes) -> None:
        """Keep ``data`` under a key; in silence, if that cannot be."""
        if len(data) > self.limit:
            return
        try:
            with _LOCK:
                self.folder.mkdir(parents=True, exist_ok=True)
                self._write(self._path(key), data)
                self._make_room()
        except OSError as error:
            _LOG.info("a result is not kept: %s", error)

    def drop(self, key: str) -> None:
        """Forget a key."""
        with suppress(OSError):
            self._path(key).unlink()

    def _path(self, key: str) -> Path:
        if not key.isalnum():
            raise ValueError(f"a key is letters and digits, got {key!r}")
        return self.folder / f"{key}{_ENDING}"

    def _write(self, path: Path, data: bytes) -> None:
        handle, half = tempfile.mkstemp(dir=self.folder, prefix="half-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            os.replace(half, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(half)
            raise

    def _make_room(self) -> None:
        for half in self.folder.glob("half-*"):  # of a process that was killed while it wrote
            if time.time() - half.stat().st_mtime > _FORGOTTEN_S:
                half.unlink(missing_ok=True)
        kept = sorted(
            ((path.stat(), path) for path in self.folder.glob(f"*{_ENDING}")),
            key=lambda pair: pair[0].st_mtime_ns,
        )
        total = sum(stat.st_size for stat, _ in kept)
        for stat, path in kept:
            if total <= self.limit:
                return
            path.unlink(missing_ok=True)
            total -= stat.st_size
