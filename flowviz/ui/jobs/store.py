"""Results on disk, by the keys of their jobs.

Files are written under a temporary name and renamed, so that none is ever incomplete; the least
recently used are removed when they take more than the limit together. On a full or read-only disk
nothing is stored, without an error. Nothing is unpickled: bytes in, bytes out.
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
from typing import Protocol

_LOG = logging.getLogger(__name__)
_LOCK = Lock()
_SUFFIX = ".bin"
_ABANDONED_S = 600.0

LIMIT = 512 * 2**20
"""The bytes that all results together may take."""


def shared_address() -> str | None:
    """``FLOWVIZ_CACHE`` if it is an address of fsspec's, as ``s3://bucket/flowviz``."""
    named = os.environ.get("FLOWVIZ_CACHE", "")
    return named if "://" in named else None


def cache_folder() -> Path:
    """``FLOWVIZ_CACHE`` if it is a folder, or else one in the user's cache folder."""
    if (named := os.environ.get("FLOWVIZ_CACHE")) and not shared_address():
        return Path(named)
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "flowviz"


def write_whole(path: Path, data: bytes) -> None:
    """Write a file under a temporary name and rename it, so that it is never incomplete.

    Raises:
        OSError: the disk does not allow it; nothing is left of the file.
    """
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix="half-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


class Results(Protocol):
    """What keeps results: a `Store`, or a `shared_store.SharedStore`."""

    def get(self, key: str) -> bytes | None:
        """The data under a key; None if there is none."""
        ...

    def put(self, key: str, data: bytes) -> None:
        """Store ``data`` under a key, if that is possible."""
        ...

    def drop(self, key: str) -> None:
        """Remove the data under a key."""
        ...


def default_store() -> Results:
    """The store of this server."""
    if address := shared_address():
        from flowviz.ui.jobs.shared_store import SharedStore

        return SharedStore(address)
    return Store(cache_folder())


def file_name(key: str) -> str:
    """The file of a key.

    Raises:
        ValueError: it is not letters and digits.
    """
    if not key.isalnum():
        raise ValueError(f"a key is letters and digits, got {key!r}")
    return f"{key}{_SUFFIX}"


@dataclass(frozen=True)
class Store:
    """A folder of results.

    Attributes:
        folder: its path; created when first needed.
        limit: the bytes that its files may take together.
    """

    folder: Path
    limit: int = LIMIT

    def get(self, key: str) -> bytes | None:
        """The data under a key; None if there is none."""
        path = self._path(key)
        try:
            data = path.read_bytes()
        except OSError:
            return None
        with suppress(OSError):
            os.utime(path)
        return data

    def put(self, key: str, data: bytes) -> None:
        """Store ``data`` under a key, if the disk allows it."""
        if len(data) > self.limit:
            return
        try:
            with _LOCK:
                self.folder.mkdir(parents=True, exist_ok=True)
                write_whole(self._path(key), data)
                self._evict()
        except OSError as error:
            _LOG.info("a result is not stored: %s", error)

    def drop(self, key: str) -> None:
        """Remove the data under a key."""
        with suppress(OSError):
            self._path(key).unlink()

    def _path(self, key: str) -> Path:
        return self.folder / file_name(key)

    def _evict(self) -> None:
        for temporary in self.folder.glob("half-*"):  # of a process that was killed while it wrote
            if time.time() - temporary.stat().st_mtime > _ABANDONED_S:
                temporary.unlink(missing_ok=True)
        files = sorted(
            ((path.stat(), path) for path in self.folder.glob(f"*{_SUFFIX}")),
            key=lambda pair: pair[0].st_mtime_ns,
        )
        total = sum(stat.st_size for stat, _ in files)
        for stat, path in files:
            if total <= self.limit:
                return
            path.unlink(missing_ok=True)
            total -= stat.st_size
