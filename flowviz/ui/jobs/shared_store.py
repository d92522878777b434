"""Results in a store that several machines share, by fsspec: a mounted folder, S3, and their like.

The address is ``FLOWVIZ_CACHE``, as ``file:///mnt/class/flowviz`` or ``s3://bucket/flowviz``; the
package that speaks to it is one of fsspec's (for S3 ``s3fs``), its credentials are that package's.
As in `store`: written whole or not at all, bounded, never unpickled. A store that cannot be reached
is survived in silence: results are computed again.
"""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import fsspec

from flowviz.ui.jobs.store import LIMIT, file_name

_LOG = logging.getLogger(__name__)
_EVICT_EVERY_S = 60.0
_CHANGED = ("LastModified", "mtime", "last_modified", "created")  # as the stores name it


def check_address(address: str) -> None:
    """Find the package that an address needs.

    Raises:
        ValueError: naming the address, where there is none.
    """
    protocol = address.partition("://")[0]
    try:
        fsspec.get_filesystem_class(protocol)
    except (ValueError, ImportError) as error:
        raise ValueError(f"FLOWVIZ_CACHE={address!r} cannot be used: {error}") from None


def files_at(address: str) -> tuple[Any, str]:
    """The file system of an address, and the path there.

    Raises:
        Exception: what the store raises that cannot be reached.
    """
    # Folders alone have to be made, and other stores do not know the option.
    local = {"auto_mkdir": True} if address.startswith(("file://", "local://")) else {}
    files, root = fsspec.core.url_to_fs(address, **local)
    files.invalidate_cache()  # of listings, which hide what other servers have written since
    return files, root.rstrip("/")


@dataclass
class SharedStore:
    """The results at an address.

    Attributes:
        address: of fsspec's.
        limit: the bytes that they may take together.
    """

    address: str
    limit: int = LIMIT
    _lock: Lock = field(default_factory=Lock)
    _evicted: float = 0.0

    def get(self, key: str) -> bytes | None:
        """The data under a key; None if there is none."""
        name = file_name(key)
        try:
            files, root = files_at(self.address)
            return files.cat_file(f"{root}/{name}")
        except FileNotFoundError:
            return None
        except Exception as error:  # each store has errors of its own
            _LOG.warning("the shared store does not answer: %s", type(error).__name__)
            return None

    def put(self, key: str, data: bytes) -> None:
        """Store ``data`` under a key, if the store allows it."""
        name = file_name(key)
        if len(data) > self.limit:
            return
        try:
            files, root = files_at(self.address)
            # One at a time: a transaction, which shows a file when it is whole, is the store's.
            with self._lock, files.transaction, files.open(f"{root}/{name}", "wb") as file:
                file.write(data)
            self._evict(files, root)
        except Exception as error:
            _LOG.warning("a result is not stored: %s", type(error).__name__)

    def drop(self, key: str) -> None:
        """Remove the data under a key."""
        name = file_name(key)
        with suppress(Exception):
            files, root = files_at(self.address)
            files.rm_file(f"{root}/{name}")

    def _evict(self, files: Any, root: str) -> None:
        if time.monotonic() - self._evicted < _EVICT_EVERY_S and self._evicted:
            return
        self._evicted = time.monotonic()
        entries = [e for e in files.ls(root, detail=True) if e["type"] == "file"]
        total = sum(e["size"] for e in entries)
        for entry in sorted(entries, key=_changed):
            if total <= self.limit:
                return
            files.rm_file(entry["name"])
            total -= entry["size"]


def _changed(entry: dict[str, Any]) -> str:
    """When a file was changed, to be compared with others of the same store."""
    found = next((entry[name] for name in _CHANGED if name in entry), "")
    return f"{found:020.3f}" if isinstance(found, float | int) else str(found)
