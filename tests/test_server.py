"""What `streamlit run app.py` starts: its settings are in force and its assets are served well."""

from __future__ import annotations

import gzip
import html
import json
import re
import shutil
import signal
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from streamlit.testing.v1 import AppTest

from flowviz.text import ENTRIES, LANGUAGES, Language
from flowviz.ui import document, server
from flowviz.ui.browser import assets, frontend, packed, preload
from tests.serving import ROOT, RunningServer, running_server
from tests.waiting import until

YEAR = "public, max-age=31536000, immutable"

# Each was measured or decided; flowviz/ui/server.py and config.toml say why.
DECIDED = {
    "runner.postScriptGC": False,
    "runner.magicEnabled": False,
    "browser.gatherUsageStats": False,
    "server.fileWatcherType": "none",
    "server.headless": True,
    "server.maxUploadSize": 1,
    "server.enableWebsocketCompression": True,
    "server.enableXsrfProtection": True,
    "server.enableCORS": True,
    "client.showErrorDetails": "none",
    "client.toolbarMode": "viewer",
}


def get(url: str, method: str = "GET", **headers: str) -> tuple[int, Message, bytes]:
    """Status, headers and body, whatever the status; the body as it came, not decompressed."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, headers=named, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:
            return reply.status, reply.headers, reply.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningServer, Path]]:
    """A server that answers SIGUSR1, started where the environment asks for two threads."""
    folder = tmp_path_factory.mktemp("server")
    answer = folder / "probe.json"
    environment = {
        "PYTHONPATH": str(ROOT / "tests" / "probe"),
        "FLOWVIZ_PROBE": str(answer),
        **dict.fromkeys(server.THREAD_VARIABLES, "2"),
    }
    with running_server(folder, env=environment) as running:
        yield running, answer


@pytest.fixture(scope="module")
def url(started: tuple[RunningServer, Path]) -> str:
    return started[0].url


@pytest.fixture(scope="module")
def inside(started: tuple[RunningServer, Path]) -> dict[str, Any]:
    """What is in force inside the server after its start and before any visitor."""
    running, answer = started
    running.process.send_signal(signal.SIGUSR1)
    until(answer.exists, lambda: f"the server did not answer:\n{running.log}")
    return json.loads(answer.read_text(encoding="utf-8"))


def test_is_healthy(url: str) -> None:
    status, _, body = get(f"{url}/_stcore/health")
    assert (status, body) == (200, b"ok")


@pytest.mark.parametrize(("option", "value"), DECIDED.items())
def test_decided_option_is_in_force(inside: dict[str, Any], option: str, value: object) -> None:
    assert inside["options"][option] == value


def test_every_line_of_the_configuration_is_in_force(inside: dict[str, Any]) -> None:
    def flat(table: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
        for key, value in table.items():
            if isinstance(value, dict):
                yield from flat(value, f"{prefix}{key}.")
            else:
                yield f"{prefix}{key}", value

    written = dict(flat(tomllib.loads((ROOT / ".streamlit/config.toml").read_text("utf-8"))))
    assert written == {option: inside["options"].get(option) for option in written}


def test_no_font_is_fetched(inside: dict[str, Any]) -> None:
    for option in ("theme.font", "theme.headingFont", "theme.codeFont"):
        assert "://" not in inside["options"][option]


def test_numerical_libraries_use_one_thread(inside: dict[str, Any]) -> None:
    assert inside["threads"] == 1
    assert inside["pools"]
    assert all(threads == 1 for _, threads in inside["pools"]), inside["pools"]


def test_start_up_is_frozen_out_of_garbage_collection(inside: dict[str, Any]) -> None:
    assert inside["frozen"] > 100_000


def test_first_visitor_waits_for_no_import(inside: dict[str, Any]) -> None:
    assert set(server.HEAVY_MODULES) <= set(inside["modules"])


def test_first_deep_link_gets_the_frame(inside: dict[str, Any]) -> None:
    assert inside["uses_pages_directory"] is False


def test_prints_its_address_once_and_asks_no_other_host(
    started: tuple[RunningServer, Path],
) -> None:
    running = started[0]
    assert running.log.count(f"FlowViz is ready: {running.url}") == 1
    assert "External URL" not in running.log


def test_plotly_is_served_compressed_and_kept_for_a_year(url: str) -> None:
    status, headers, body = get(url + assets.asset_url(assets.PLOTLY), Accept_Encoding="gzip, br")
    assert status == 200
    assert headers["Content-Encoding"] == "gzip"
    assert headers["Cache-Control"] == YEAR
    assert headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert headers["Vary"] == "Accept-Encoding"
    assert len(body) < 450_000
    assert gzip.decompress(body) == assets.load(assets.PLOTLY).body


def test_without_gzip_the_plain_file_is_sent(url: str) -> None:
    status, headers, body = get(url + assets.asset_url(assets.PLOTLY))
    assert (status, headers["Content-Encoding"]) == (200, None)
    assert body == assets.load(assets.PLOTLY).body


def test_a_file_is_compressed_once_not_at_each_request(monkeypatch: pytest.MonkeyPatch) -> None:
    compressed: list[int] = []

    def counted(body: bytes, **_: int) -> bytes:
        """Compress nothing: what counts is how often it is asked for."""
        compressed.append(len(body))
        return body[:100]

    monkeypatch.setattr(gzip, "compress", counted)
    monkeypatch.setattr(frontend, "_SMALLER_FONTS", {})  # those whole: `test_text_font` has them
    packed._read.cache_clear()
    for _ in range(3):
        for name in assets.asset_names():
            asked = {"path_params": {"name": name}, "query_string": b"", "type": "http"}
            headers = [(b"accept-encoding", b"gzip")]
            assert assets._serve(Request(asked | {"headers": headers})).status_code == 200
    assert len(compressed) == len(assets.asset_names())
    # As many as a page loads, and not all that anybody may ask for.
    for path in frontend.smaller_files().values():
        frontend.load(path)
    info = packed._read.cache_info()
    assert 2 * len(streamlit_files(document.streamlit_document())) < info.currsize <= 256
    assert info.currsize < len(frontend.smaller_files()) + len(assets.asset_names())


def streamlit_files(text: str) -> list[str]:
    """The scripts and style sheets that Streamlit's own document names."""
    return re.findall(r'(?:src|href)="\.(/static/(?:js|css)/[^"]+)"', text)


def test_every_script_of_streamlit_arrives_in_a_quarter_of_the_bytes(url: str) -> None:
    whole, sent, changed = 0, 0, []
    paths = frontend.smaller_files()
    assert set(streamlit_files(document.streamlit_document())) <= paths.keys()
    for path, file in paths.items():
        if file.stat().st_size > 1_000_000 or file.suffix == ".woff2":
            continue  # of charts that no page has; the icons
        status, headers, body = get(url + path, Accept_Encoding="br, gzip")
        assert (status, headers["Content-Encoding"]) == (200, "gzip")
        assert (headers["Cache-Control"], headers["Vary"]) == (YEAR, "Accept-Encoding")
        assert headers["Content-Security-Policy"]
        if (arrived := gzip.decompress(body)) != file.read_bytes():
            changed.append((arrived, file.read_bytes()))
        whole, sent = whole + file.stat().st_size, sent + len(body)
    assert sent < 0.31 * whole
    # But for one, in which the pauses between two attempts to reach a server are shorter.
    ((ours, theirs),) = changed
    assert theirs.count(b"=4e3,") == 2
    assert ours == theirs.replace(b"=4e3,", b"=1500,")


@pytest.mark.parametrize("accepted", ["identity", "gzip;q=0", "br", "gzip;q=0.0, *;q=0.1"])
def test_a_browser_that_takes_no_gzip_gets_streamlits_files_plain(url: str, accepted: str) -> None:
    path = streamlit_files(document.streamlit_document())[0]
    status, headers, body = get(url + path, Accept_Encoding=accepted)
    assert (status, headers["Content-Encoding"]) == (200, None)
    assert body == frontend.smaller_files()[path].read_bytes()


def test_a_part_of_a_file_and_a_font_are_streamlits_to_send(url: str) -> None:
    path = streamlit_files(document.streamlit_document())[0]
    status, headers, body = get(url + path, Accept_Encoding="gzip", Range="bytes=0-9")
    assert (status, headers["Content-Encoding"], len(body)) == (206, None, 10)
    font = next((frontend.STATIC / "static" / "media").glob("KaTeX*.woff2"))
    status, headers, body = get(f"{url}/static/media/{font.name}", Accept_Encoding="gzip")
    assert (status, headers["Content-Encoding"]) == (200, None)
    assert body == font.read_bytes()


FONTS = {path: file for path, file in frontend.smaller_files().items() if file.suffix == ".woff2"}


@pytest.mark.parametrize("path", FONTS)
def test_a_smaller_font_is_asked_for_again_because_its_address_stays(url: str, path: str) -> None:
    status, headers, body = get(url + path, Accept_Encoding="gzip")
    assert (status, headers["Cache-Control"], headers["Content-Type"]) == (
        200,
        "no-cache",
        "font/woff2",
    )
    assert len(body) < 0.55 * FONTS[path].stat().st_size
    assert get(url + path, If_None_Match=headers["ETag"], Accept_Encoding="gzip")[0] == 304


def test_an_unchanged_file_of_streamlit_is_not_sent_again(url: str) -> None:
    address = url + streamlit_files(document.streamlit_document())[0]
    etag = get(address, "HEAD", Accept_Encoding="gzip")[1]["ETag"]
    status, headers, body = get(address, If_None_Match=etag, Accept_Encoding="gzip")
    assert (status, body, headers["ETag"]) == (304, b"", etag)


@pytest.mark.parametrize("version", ["", "0/", f"{assets.version('fan.js')}/"])
def test_an_address_without_the_right_version_is_asked_for_again(url: str, version: str) -> None:
    status, headers, _ = get(f"{url}/assets/{version}{assets.PLOTLY}")
    assert (status, headers["Cache-Control"]) == (200, "no-cache")


def test_modules_that_import_each_other_have_one_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = assets.asset_url("fan.js"), assets.asset_url(assets.PLOTLY)
    assert before[0].removesuffix("fan.js") == assets.asset_url("stage.js").removesuffix("stage.js")
    shutil.copytree(assets.COMPONENTS, tmp_path / "components")
    monkeypatch.setattr(assets, "COMPONENTS", tmp_path / "components")
    for cached in ("_asset_names", "_version", "_components_version"):
        monkeypatch.setattr(assets, cached, getattr(assets, cached).__wrapped__)
    assert assets.asset_url("fan.js") == before[0]
    preload.links("fan", "")
    with (assets.COMPONENTS / "stage.js").open("a") as file:
        file.write("// another one")
    assert assets.asset_url("fan.js") != before[0]
    assert assets.asset_url(assets.PLOTLY) == before[1]
    assert any(assets.asset_url("fan.js") in link for link in preload.links("fan", ""))


@pytest.mark.parametrize("accepted", ["gzip", "identity"])
def test_an_unchanged_file_is_not_sent_again(url: str, accepted: str) -> None:
    address = url + assets.asset_url(assets.PLOTLY)
    etag = get(address, "HEAD")[1]["ETag"]
    status, headers, body = get(address, If_None_Match=etag, Accept_Encoding=accepted)
    assert (status, body, headers["ETag"]) == (304, b"", etag)
    assert get(address, If_None_Match='W/"other"')[0] == 200


def test_every_component_file_is_served(url: str) -> None:
    for name in assets.asset_names():
        status, headers, body = get(url + assets.asset_url(name))
        assert (status, headers["Cache-Control"]) == (200, YEAR)
        assert body == assets.load(name).body


@pytest.mark.parametrize(
    "path",
    [
        "/assets/",
        "/assets/nothing.js",
        "/assets/server.py",
        "/assets/../server.py",
        "/assets/..%2fserver.py",
        "/assets/%2e%2e/server.py",
        "/assets/....//server.py",
        "/assets/%2fetc%2fpasswd",
        "/assets/..%5cserver.py",
        "/other/assets/plotly.min.js",
    ],
)
def test_nothing_else_is_served(url: str, path: str) -> None:
    status, headers, body = get(url + path)
    # Streamlit answers paths that are nobody's with its own page.
    assert status in {400, 404} or headers["Content-Type"].startswith("text/html")
    assert b"limit_threads" not in body
    assert b"root:" not in body


@pytest.mark.parametrize("name", ["", document.START, *document.PAGES])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_document_names_its_page_before_any_script_runs(
    url: str, name: str, lang: Language
) -> None:
    other = next(each for each in LANGUAGES if each != lang)
    by_browser = get(f"{url}/{name}", Accept_Language=f"{lang}-XX,{other};q=0.5")
    by_link = get(f"{url}/{name}?lang={lang}", Accept_Language=other)
    assert by_browser[2] == by_link[2]
    assert by_link[1]["Cache-Control"] == "no-cache"
    assert by_link[1]["Vary"] == "Accept-Encoding, Accept-Language"
    text = html.unescape(by_link[2].decode())
    page = name if name in document.PAGES else "fan"
    title, purpose = (getattr(ENTRIES[k], lang) for k in (f"{page}.title", "frame.purpose"))
    assert f'<html lang="{lang}">' in text
    assert f"<title>{getattr(ENTRIES['frame.app'], lang)}</title>" in text
    assert f'<meta property="og:title" content="{title}" />' in text
    assert f'<meta name="description" content="{purpose}" />' in text
    assert text.count("<title>") == 1
    assert text.index("server_address.js") < text.index('type="module"')
    icon = re.search(r'rel="shortcut icon" href="([^"]+)"', text)
    assert icon
    assert get(url + icon[1])[2] == assets.ICON.read_bytes()


@pytest.mark.parametrize("name", ["Fan", "PLANE", "greeN", "START"])
def test_capital_letters_lead_to_the_page_with_its_scene(
    url: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stay = type(
        "Stay", (urllib.request.HTTPRedirectHandler,), {"redirect_request": lambda *_: None}
    )
    monkeypatch.setattr(urllib.request, "urlopen", urllib.request.build_opener(stay).open)
    status, headers, _ = get(f"{url}/{name}?points=1,2&note=%26%20A")
    assert status == 307
    assert headers["Location"] == f"/{name.lower()}?points=1,2&note=%26%20A"


def test_another_document_of_streamlit_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "streamlit_document", lambda: "<html><head></head></html>")
    with pytest.raises(ValueError, match="as expected"):
        document.document("fan", "en", "")


def test_assets_follow_the_base_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "base_path", lambda: "/course/flow")
    address = assets.asset_url(assets.PLOTLY)
    assert re.fullmatch(r"/course/flow/assets/[0-9a-f]{16}/plotly.min.js", address)
    with running_server(tmp_path, base_path="course/flow") as running:
        host = running.url.removesuffix("/course/flow")
        assert get(host + address, "HEAD")[0] == 200
        assert get(f"{host}/assets/plotly.min.js", "HEAD")[0] == 404
        text = get(f"{running.url}/fan")[2].decode()
        assert assets.asset_url("server_address.js") in text
        path = streamlit_files(text)[0]
        assert get(running.url + path, Accept_Encoding="gzip")[1]["Content-Encoding"] == "gzip"
        assert get(host + path, Accept_Encoding="gzip")[0] == 404
        assert b"og:title" not in get(f"{host}/fan")[2]
        assert get(f"{host}/flow/assets/plotly.min.js", "HEAD")[0] == 404


def test_app_py_is_also_the_script() -> None:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    assert not app.exception
    assert len(app.main.children)
