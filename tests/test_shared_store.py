"""Results in a store that several machines share, by fsspec."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from flowviz.ui.jobs import shared_store
from flowviz.ui.jobs.shared_store import SharedStore, check_address, files_at
from flowviz.ui.jobs.store import Store, cache_folder, default_store


class Bucket(MemoryFileSystem):
    """A store like S3's: it refuses options that it does not know, and believes its listings."""

    protocol = "bucket"
    listed: set[str] | None = None

    def __init__(self) -> None:
        super().__init__()

    def invalidate_cache(self, path: str | None = None) -> None:
        self.listed = None

    def cat_file(self, path: str, *args: Any, **named: Any) -> bytes:
        if self.listed is not None and self._strip_protocol(path) not in self.listed:
            raise FileNotFoundError(path)
        return super().cat_file(path, *args, **named)


fsspec.register_implementation("bucket", Bucket, clobber=True)


@pytest.fixture(params=["file", "memory", "bucket"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return f"{request.param}://{tmp_path}/results"


def test_what_one_server_stores_another_finds(address: str) -> None:
    one, other = SharedStore(address), SharedStore(address)
    assert other.get("a1") is None
    one.put("a1", b"trained")
    assert other.get("a1") == b"trained"
    other.drop("a1")
    assert one.get("a1") is None
    one.drop("a1")


def test_what_others_store_is_found_after_a_listing(tmp_path: Path) -> None:
    ours = SharedStore(f"bucket://{tmp_path}/results")
    files, root = files_at(ours.address)
    files.pipe_file(f"{root}/b2.bin", b"theirs")
    files.listed = set()  # a moment before
    assert ours.get("b2") == b"theirs"


def test_a_file_is_whole_or_not_there(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store = SharedStore(address)
    files, root = files_at(address)
    store.put("a1", b"old")

    class Full(Exception):
        pass

    real = type(files).open

    def fails(self: object, path: str, *args: object, **named: object) -> object:
        file = real(self, path, *args, **named)  # type: ignore[arg-type]
        if "b2" in path:
            monkeypatch.setattr(file, "write", write, raising=False)
        return file

    def write(data: bytes) -> int:
        raise Full

    monkeypatch.setattr(type(files), "open", fails)
    store.put("b2", b"new")
    assert store.get("b2") is None
    assert store.get("a1") == b"old"
    assert root


def test_the_oldest_are_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_store, "_EVICT_EVERY_S", 0.0)
    store = SharedStore(f"file://{tmp_path}/results", limit=250)
    for k in range(4):
        store.put(f"a{k}", bytes(100))
    kept = [k for k in range(4) if store.get(f"a{k}")]
    assert kept == [2, 3]
    store.put("large", bytes(300))
    assert store.get("large") is None


def test_a_store_that_is_away_is_survived(monkeypatch: pytest.MonkeyPatch) -> None:
    store = SharedStore("memory://away")

    def away(*_: object, **__: object) -> None:
        raise ConnectionError("away")

    monkeypatch.setattr(fsspec.core, "url_to_fs", away)
    store.put("a1", b"x")
    assert store.get("a1") is None
    store.drop("a1")


@pytest.mark.parametrize("key", ["../a", "a/b", "", "a.b"])
def test_a_key_is_no_path(key: str) -> None:
    for use in (SharedStore("memory://k").get, SharedStore("memory://k").drop):
        with pytest.raises(ValueError, match="letters and digits"):
            use(key)


def test_the_setting_chooses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWVIZ_CACHE", str(tmp_path))
    assert default_store() == Store(tmp_path)
    monkeypatch.setenv("FLOWVIZ_CACHE", f"file://{tmp_path}")
    assert isinstance(default_store(), SharedStore)
    assert "://" not in str(cache_folder())
    check_address(f"file://{tmp_path}")
    with pytest.raises(ValueError, match="FLOWVIZ_CACHE='nosuch://x'"):
        check_address("nosuch://x")
