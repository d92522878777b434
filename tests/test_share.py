"""Short links from outside a browser: what they lead to, what breaks them, what nothing breaks."""

from __future__ import annotations

import asyncio
import base64
import errno
import hashlib
import json
import os
import random
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote

import fsspec
import numpy as np
import pytest
import zxingcpp
from PIL import Image
from starlette.applications import Starlette

from flowviz.core.schedules import SCHEDULES
from flowviz.scene import Scene
from flowviz.scene.link import MAX_LINK
from flowviz.scene.settings import SHOWN
from flowviz.text import LANGUAGES, translator
from flowviz.ui.browser import assets
from flowviz.ui.share import links, qr, routes
from flowviz.ui.share.links import Links, code_of, read_code
from tests.scenes import crowd, random_scene

HOST = "http://192.168.1.20:8501/s/"
NOTHING = {"code": None, "qr": None}
PRINTED = "".join(map(chr, range(0x21, 0x7F)))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A cache directory of its own, in which only the folder of short links is ever changed."""
    monkeypatch.setenv("FLOWVIZ_CACHE", str(tmp_path))
    yield tmp_path / "links"
    if tmp_path.is_dir():
        assert {path.name for path in tmp_path.iterdir()} <= {"links"}


def ask(path: str, body: bytes | None = None, **headers: str) -> tuple[int, dict[str, str], str]:
    """Status, headers and text of a request to the routes alone: a POST if it has a body."""
    return asyncio.run(_ask(path, body, headers))


async def _ask(
    path: str, body: bytes | None, headers: dict[str, str]
) -> tuple[int, dict[str, str], str]:
    said: list[Any] = []
    parts = [{"type": "http.request", "body": body or b"", "more_body": False}]

    async def receive() -> dict[str, Any]:
        return parts.pop(0) if parts else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        said.append(message)

    named = {"host": "flow.example.org", **headers}
    scope = {
        "type": "http", "method": "GET" if body is None else "POST", "path": path, "root_path": "",
        "scheme": "https", "query_string": b"", "server": ("flow.example.org", 443),
        "headers": [(k.replace("_", "-").encode(), v.encode()) for k, v in named.items()],
        "http_version": "1.1",
    }  # fmt: skip
    await Starlette(routes=routes.routes())(scope, receive, send)
    text = b"".join(message.get("body", b"") for message in said[1:]).decode()
    return said[0]["status"], {k.decode(): v.decode() for k, v in said[0]["headers"]}, text


def message(page: str, query: str, address: str = HOST) -> bytes:
    return json.dumps({"page": page, "query": query, "address": address}).encode()


def share(page: str, query: str) -> dict[str, str | None]:
    status, _, text = ask("/s", message(page, query), content_type="application/json")
    assert status == 200
    return json.loads(text)


def opened(code: str) -> tuple[str, Scene]:
    """The page and the scene that a short link leads to."""
    status, headers, _ = ask(f"/s/{code}")
    assert status == 302
    assert set(headers) == {"location", "content-length", "cache-control"}
    path, _, query = headers["location"].partition("?")
    scene, notices = Scene.read_query(parse_qs(query, keep_blank_values=True))
    assert notices == []
    return path, scene


# ------------------------------------------------------------------------------ what it leads to


@pytest.mark.parametrize("page", SHOWN)
def test_a_short_link_leads_to_its_page_and_scene(page: str) -> None:
    rng = random.Random(page)
    for prior in ("uniform", "student_t", "logistic"):
        scene = random_scene(rng, prior, rng.choice(sorted(SCHEDULES)), most=20)
        code = share(page, scene.query_string(page))["code"]
        assert code
        assert opened(code) == (f"/{page}", scene)
        assert opened(code.upper().replace("0", "o").replace("1", "I")) == (f"/{page}", scene)


def test_a_code_is_fifty_bits_of_the_link(folder: Path) -> None:
    link = f"fan?{Scene(time=0.25).query_string()}"
    rfc = base64.b32encode(hashlib.sha256(link.encode()).digest()).decode()[:10]
    ours = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", links.LETTERS, strict=True))
    code = share("fan", "time=0.25")["code"]  # read as a visitor may write it, kept as we do
    assert code == "".join(ours[letter] for letter in rfc)
    assert [path.read_text() for path in folder.iterdir()] == [link]


def test_the_longest_link_has_a_short_one() -> None:
    rng, rows = random.Random(0), crowd(230, spread=1e5)
    text = ",".join(f"{x:.3f}*{w:.3f}" for x, w in zip(rows.x, rows.w, strict=True))
    draws = ((rng.uniform(-1e4, 1e4), rng.uniform(-1e4, 1e4), rng.random()) for _ in range(150))
    plane = ", ".join(f"({x:.2f},{y:.2f})*{w:.2f}" for x, y, w in draws)
    scene = Scene(points=text, plane_points=plane)  # pyright: ignore[reportArgumentType]
    query = scene.query_string()
    assert 3_500 < len(query) <= MAX_LINK + 100
    code = share("fan", query)["code"]
    assert code
    assert opened(code) == ("/fan", scene)


@pytest.mark.parametrize("length", [4_090, 4_096, 4_097, links.LONGEST])
@pytest.mark.parametrize("letters", ["x", PRINTED], ids=["one letter", "all letters"])
def test_a_file_has_at_most_4_kb_and_is_written_once(
    length: int, letters: str, folder: Path
) -> None:
    assert not any(page.startswith("x") for page in SHOWN)  # as what is compressed does
    rest = random.Random(length).choices(letters, k=length - 4)
    link = "fan?" + "".join(rest)
    code = Links.default().put(link)
    assert code
    assert Links.default().get(code) == link
    (path,) = folder.iterdir()
    assert path.stat().st_size <= 4_096
    assert (path.read_bytes() == link.encode()) == (length <= 4_096)
    assert Links.default().put("fan?" + "x" * (links.LONGEST - 3)) is None
    path.write_bytes(link.encode())  # as earlier versions wrote it
    assert Links.default().get(code) == link
    assert Links.default().put(link) == code


def test_sharing_again_changes_nothing(folder: Path) -> None:
    first = share("plane", "plane_particles=7")
    (path,) = folder.iterdir()
    os.utime(path, ns=(1, 1))
    assert share("plane", "plane_particles=7") == first
    assert opened(str(first["code"]))[1].plane_particles == 7
    assert path.stat().st_mtime_ns == 1
    assert len(list(folder.iterdir())) == 1


def test_opening_writes_nothing(folder: Path) -> None:
    for code in ("0123456789", "zzzzzzzzzz"):
        assert ask(f"/s/{code}")[0] == 404
    assert not folder.parent.exists() or not list(folder.parent.iterdir())


def test_three_hundred_share_at_once(folder: Path) -> None:
    async def crowd_of(n: int) -> list[tuple[int, dict[str, str], str]]:
        json_type = {"content_type": "application/json"}
        asked = [_ask("/s", message("fan", f"time={k % 200 / 1000}"), json_type) for k in range(n)]
        return await asyncio.gather(*asked)

    answers = asyncio.run(crowd_of(300))
    assert {status for status, _, _ in answers} == {200}
    codes = [json.loads(text)["code"] for _, _, text in answers]
    assert len(set(codes)) == len(list(folder.iterdir())) == 200
    for k in (0, 57, 199, 200, 299):
        assert opened(codes[k])[1].time == k % 200 / 1000


def test_who_asks_beside_too_many_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "_waiting", routes._WAITING)
    assert ask("/s", message("fan", "time=0.1"), content_type="application/json")[0] == 503


# ------------------------------------------------------------------------------ what is unknown

HOSTILE = [
    "", " ", "0", "0123456789a", "012345678", "..", "../../etc/passwd", "..%2f..%2fetc%2fpasswd",
    "%2e%2e/secret", "/etc/passwd", "C:\\boot.ini", "012345678/", "01234 6789", "u123456789",
    "½123456789", "０１２３４５６７８９", "\u202e123456789",
    "a\x00bcdefghj", "0123456789\n", "<script>x",
    "half-abcde", "*" * 10, "a" * 5_000, "0123456789.txt",
]  # fmt: skip


@pytest.mark.parametrize("code", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_unknown_code_is_said_in_both_languages(code: str, lang: str, folder: Path) -> None:
    secret = folder.parent / "secret"
    folder.mkdir()
    (folder / "half-abcde.txt").write_text("fan?time=0.1")
    status, headers, text = ask(f"/s/{code}", accept_language=lang)
    assert status == 404
    assert headers["content-type"] == "text/html; charset=utf-8"
    said = [text.find(translator(one)("share.unknown")) for one in (lang, *LANGUAGES)]
    assert min(said) == said[0] > 0  # the reader's first
    assert "<script" not in text
    assert not secret.exists()


LINK = f"fan?{Scene(time=0.125).query_string()}"
DAMAGED = {
    "another byte": LINK.replace("0.125", "0.126").encode(),
    "cut": LINK[:-1].encode(),
    "empty": b"",
    "longer": LINK.encode() + b"x" * 5_000,
    "bytes": b"\xff\xfe\x00",
    "not compressed": b"x" + LINK.encode(),
    "compressed and cut": zlib.compress(LINK.encode())[:-8],
    "another scene, compressed": zlib.compress(LINK.replace("0.125", "0.126").encode()),
    "a bomb": zlib.compress(LINK.encode() + b"x" * 10**7),
    "another scene": f"fan?{Scene(time=0.75).query_string()}".encode(),
}
FOREIGN = [
    "//evil.example/fan?a=1", "https://evil.example/?fan?a=1", "fan?a=1\r\nSet-Cookie: a=b",
    "fan", "fan?", "nopage?a=1", "fan?é=1", "fan?a b", "../fan?a=1", "FAN?a=1",
]  # fmt: skip


@pytest.mark.parametrize("content", DAMAGED.values(), ids=list(DAMAGED))
def test_a_damaged_file_is_unknown_and_stays(content: bytes, folder: Path) -> None:
    folder.mkdir()
    path = folder / f"{code_of(LINK)}.txt"
    path.write_bytes(content)
    assert ask(f"/s/{code_of(LINK)}")[0] == 404
    assert share("fan", "time=0.125") == NOTHING  # the full link is offered
    assert path.read_bytes() == content


@pytest.mark.parametrize("link", FOREIGN)
def test_what_is_no_link_of_ours_is_unknown_whatever_its_hash(link: str, folder: Path) -> None:
    folder.mkdir()
    (folder / f"{code_of(link)}.txt").write_bytes(link.encode())
    assert ask(f"/s/{code_of(link)}")[0] == 404
    assert Links.default().put(link) is None


def test_a_folder_in_the_place_of_a_file_is_unknown(folder: Path) -> None:
    (folder / f"{code_of(LINK)}.txt").mkdir(parents=True)
    assert ask(f"/s/{code_of(LINK)}")[0] == 404
    assert share("fan", "time=0.125") == NOTHING


def test_a_second_scene_with_a_code_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "code_of", lambda _: "0123456789")
    assert share("fan", "time=0.125")["code"] == "0123456789"
    assert share("fan", "time=0.375") == NOTHING
    assert opened("0123456789")[1].time == 0.125


# ------------------------------------------------------------------------------ hostile messages


@pytest.mark.parametrize(
    ("page", "query", "address"),
    [
        ("nopage", "time=0.1", HOST),
        ("../fan", "time=0.1", HOST),
        ("fan", "time=9", HOST),
        ("fan", "v=2&sum=000000&time=0.1", HOST),
        ("fan", "colour=red", HOST),
        ("fan", "points=" + quote("<script>"), HOST),
        ("fan", "&".join(f"a{k}=1" for k in range(2_000)), HOST),
        ("fan", "time=0.1", "javascript:alert(1)/s/"),
        ("fan", "time=0.1", "http://a b/s/"),
        ("fan", "time=0.1", "http://host/"),
        ("fan", "time=0.1", "http://" + "h" * 200 + "/s/"),
        ("fan", "time=0.1", ""),
    ],
)
def test_no_short_link_of_what_is_no_scene(
    page: str, query: str, address: str, folder: Path
) -> None:
    status, _, text = ask("/s", message(page, query, address), content_type="application/json")
    assert (status, json.loads(text)) == (200, NOTHING)
    assert not folder.exists()


BODIES = [b"", b"null", b"[]", b"{", b"\xff", b"[" * 9_000, b'{"page":"' + b"x" * 30_000 + b'"}']


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_a_message_that_is_none_is_refused(body: bytes, folder: Path) -> None:
    assert ask("/s", body, content_type="application/json")[0] == 400
    assert not folder.exists()


def test_messages_of_any_types_make_nothing(folder: Path) -> None:
    for value in (None, 1, [1], {"a": 1}, True):
        body = json.dumps({"page": value, "query": value, "address": value}).encode()
        status, _, text = ask("/s", body, content_type="application/json")
        assert (status, json.loads(text)) == (200, NOTHING)
    assert not folder.exists()


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_another_site_can_send_none(kind: str, folder: Path) -> None:
    """JSON from elsewhere is asked about first, by OPTIONS, and nobody here answers that."""
    assert ask("/s", message("fan", "time=0.1"), content_type=kind)[0] == 415
    assert not folder.exists()
    methods = {m for route in routes.routes() for m in route.methods or ()}
    assert methods == {"GET", "HEAD", "POST"}


def test_it_is_below_the_base_path(monkeypatch: pytest.MonkeyPatch) -> None:
    code = share("fan", "time=0.1")["code"]
    monkeypatch.setattr(assets, "base_path", lambda: "/flow/viz")
    status, headers, _ = ask(f"/flow/viz/s/{code}")
    assert status == 302
    assert headers["location"].startswith("/flow/viz/fan?")
    for path in (f"/s/{code}", f"/other/s/{code}", f"/flow/s/{code}"):
        assert ask(path)[0] == 404
    assert ask("/s", message("fan", ""), content_type="application/json")[0] == 404


# ------------------------------------------------------------------------------ a faulty disk


def full(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_leaves_the_full_link(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        assert share("fan", "time=0.1") == NOTHING
    assert list(folder.iterdir()) == []
    assert share("fan", "time=0.1")["code"]


def test_a_read_only_disk_leaves_the_full_link(monkeypatch: pytest.MonkeyPatch) -> None:
    code = share("fan", "time=0.1")["code"]

    def read_only(*_: object, **__: object) -> None:
        raise PermissionError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("tempfile.mkstemp", read_only)
    assert share("fan", "time=0.2") == NOTHING
    assert share("fan", "time=0.1")["code"] == code
    assert opened(str(code))[1].time == 0.1


def test_a_cache_directory_that_cannot_be_leaves_the_full_link(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "links").write_text("a file")
    assert share("fan", "time=0.1") == NOTHING
    assert ask("/s/0123456789")[0] == 404
    (tmp_path / "links").unlink()
    monkeypatch.setenv("FLOWVIZ_CACHE", "/proc/none")
    assert share("fan", "time=0.1") == NOTHING
    assert ask("/s/0123456789")[0] == 404


def test_what_is_removed_while_it_runs_is_unknown_and_can_be_shared_again(folder: Path) -> None:
    code = share("fan", "time=0.1")["code"]
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    assert ask(f"/s/{code}")[0] == 404
    assert share("fan", "time=0.1")["code"] == code
    assert opened(str(code))[1].time == 0.1


def test_their_number_is_bounded_and_the_old_ones_stay(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.setattr(Links, "__init__", lambda self, at: vars(self).update(files=at, most=3))
    codes = [share("fan", f"time=0.{k}")["code"] for k in range(1, 6)]
    assert codes[3:] == [None, None]
    assert len(list(folder.iterdir())) == 3
    assert [opened(str(code))[1].time for code in codes[:3]] == [0.1, 0.2, 0.3]
    assert share("fan", "time=0.1")["code"] == codes[0]


# ------------------------------------------------------------------------------ the QR code


def image(svg: str) -> Image.Image:
    """The code as an image, a pixel a module: dark runs are `h`, moves between them `M` and `m`."""
    found = re.fullmatch(r'<svg [^>]*viewBox="0 0 (\d+) \1"[^>]*>(.*)</svg>', svg, re.DOTALL)
    assert found
    side = int(found[1])
    ground, runs = re.findall(r"<path ([^>]*)/>", found[2])
    assert 'fill="#fff"' in ground
    assert f"h{side}v{side}h-{side}z" in ground
    assert 'stroke="#000"' in runs
    cells = np.full((side, side), 255, np.uint8)
    x = y = 0.0
    (path,) = re.findall(r' ?d="([^"]*)"', runs)
    for kind, numbers in re.findall(r"([Mmh])([-\d. ]+)", path):
        step = [float(n) for n in numbers.split()]
        if kind == "h":
            cells[int(y), int(x) : int(x + step[0])] = 0
            x += step[0]
        else:
            x, y = (step[0], step[1]) if kind == "M" else (x + step[0], y + step[1])
    return Image.fromarray(cells)


def decoded(picture: Image.Image) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(picture)]


ADDRESSES = [
    HOST,
    "https://flowviz.example.org/s/",
    "https://flowviz.mathematik.uni-somewhere.de/teaching/flow-matching/s/",
    "http://[2001:db8:85a3::8a2e:370:7334]:8501/s/",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_phone_reads_the_code(address: str) -> None:
    assert routes._ADDRESS.fullmatch(address)
    svg = qr.svg(address + "0123456789")
    assert svg
    picture = image(svg)
    cells = np.asarray(picture)
    assert picture.width <= 41 + 8  # version 6 with its quiet zone
    assert (cells[:4] == 255).all() and (cells[:, -4:] == 255).all()  # noqa: PT018
    large = picture.resize((200, 200), Image.Resampling.BILINEAR)
    assert decoded(large) == [address + "0123456789"]
    dots = np.array(large)
    dots[90:110, 95:115] = 255  # a reflection of a lamp
    assert decoded(Image.fromarray(dots)) == [address + "0123456789"]


def test_there_is_no_code_that_the_last_row_could_not_read() -> None:
    longest = 134 - len("http:///s/0123456789")  # bytes of version 6, level L
    assert qr.svg("http://" + "h" * longest + "/s/0123456789")
    assert qr.svg("http://" + "h" * (longest + 1) + "/s/0123456789") is None


def test_a_code_is_read_as_it_may_be_typed() -> None:
    assert read_code(" OI23L56789 ") == "0123156789"
    assert read_code("0123456789") == "0123456789"
    assert not set("ilou") & set(links.LETTERS)
    assert len(set(links.LETTERS)) == 32


# ------------------------------------------------------------------------------ several machines


@pytest.fixture(params=["memory", "file"])
def shared(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """An address that servers share; none of them keeps anything of its own."""
    address = f"{request.param}://{tmp_path}/class"
    monkeypatch.setenv("FLOWVIZ_CACHE", address)
    monkeypatch.setattr(links, "_COUNTED", {})
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "own"))
    yield f"{address}/links"
    assert not (tmp_path / "own").exists()
    assert {path.name for path in tmp_path.iterdir()} <= {"class"}
    if (tmp_path / "class").exists():
        (tmp_path / "class").rename(tmp_path / "links")


def test_a_link_of_one_machine_is_opened_by_another(shared: str) -> None:
    code = share("fan", "time=0.125")["code"] or ""
    assert code == code_of(LINK)
    with fsspec.open(f"{shared}/{code}.txt") as file:
        assert file.read() == LINK.encode()  # type: ignore[union-attr]
    assert opened(code) == ("/fan", Scene(time=0.125))
    assert share("fan", "time=0.125")["code"] == code
    assert ask("/s/zzzzzzzzzz")[0] == 404


@pytest.mark.parametrize("content", DAMAGED.values(), ids=list(DAMAGED))
def test_what_others_have_put_there_is_not_trusted(content: bytes, shared: str) -> None:
    with fsspec.open(f"{shared}/{code_of(LINK)}.txt", "wb", auto_mkdir=True) as file:
        file.write(content)  # type: ignore[union-attr]
    assert ask(f"/s/{code_of(LINK)}")[0] == 404
    assert share("fan", "time=0.125") == NOTHING
    with fsspec.open(f"{shared}/{code_of(LINK)}.txt") as file:
        assert file.read() == content  # type: ignore[union-attr]


def test_all_machines_together_take_so_many(shared: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for k in range(3):
        assert share("fan", f"time=0.{k + 1}")["code"]
    monkeypatch.setattr(links, "_COUNTED", {})  # another machine, or a minute later
    full = Links(Links.default().files, most=4)
    assert full.put(LINK) == code_of(LINK)
    assert full.put(f"fan?{Scene(time=0.25).query_string()}") is None
    assert full.put(LINK) == code_of(LINK)


def test_a_store_that_is_away_is_survived(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise ConnectionError("away")

    monkeypatch.setenv("FLOWVIZ_CACHE", "memory://away")
    monkeypatch.setattr(fsspec.core, "url_to_fs", away)
    assert share("fan", "time=0.125") == NOTHING
    assert ask(f"/s/{code_of(LINK)}")[0] == 404
