"""A session of a page without a browser: Streamlit's AppTest with the widgets' names."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest, local_script_runner

from flowviz.scene import Scene
from flowviz.text import ENTRIES
from tests.block_reader import inner, read

# A server looks once through the installed packages for components, an AppTest once for each of
# its apps: 0.1 s that no test is about.
manifest_scanner.scan_component_manifests = functools.cache(
    manifest_scanner.scan_component_manifests
)


def _until_ended(runner: local_script_runner.LocalScriptRunner, timeout: float = 3) -> None:
    """Wait for a run of the script: an AppTest asks a thousand times a second, in its way."""
    thread = runner._script_thread
    assert thread
    thread.join(timeout)
    if thread.is_alive():
        runner.request_stop()
        raise RuntimeError(f"the page ran for more than {timeout} s")


local_script_runner.require_widgets_deltas = _until_ended

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "app.py", *(ROOT / "pages").glob("*.py")])
FAULT = re.compile(
    "|".join(
        re.escape(words).replace(re.escape("{number}"), "[0-9A-F]{6}")
        for key, text in ENTRIES.items()
        if key.startswith("fault.")
        for words in text
    )
)
"""A sentence about something that nobody foresaw, in either language."""


class Visitor:
    """One session of a page, opened by a link."""

    def __init__(self, page: Path = ROOT / "app.py", query: Mapping[str, str] | None = None):
        self.app = AppTest.from_file(str(page), default_timeout=300)
        for name, value in (query or {}).items():
            self.app.query_params[name] = value
        self.run()

    def run(self) -> None:
        """Run the script; a broken page is a failure of whatever is being tested."""
        self.app.run()
        assert not self.app.exception, [e.value for e in self.app.exception]
        assert not [e.value for e in self.app.error if FAULT.search(e.value)]

    def widget(self, key: str) -> Any:
        """The widget of a setting."""
        (found,) = [e for e in self.elements() if getattr(e, "key", None) == f"w.{key}"]
        return found

    def set(self, key: str, value: Any) -> None:
        """Give a widget a value, as a visitor does."""
        self.widget(key).set_value(value)
        self.run()

    def upload(self, data: bytes, name: str = "points.csv") -> None:
        """Open the table's place and upload a file there."""
        self.app.session_state["w.table.open"] = True
        self.run()
        self.app.file_uploader[0].set_value((name, data, "text/csv"))
        self.run()

    def elements(self) -> Iterator[Any]:
        """Everything on the page, in order."""
        yield from self.app._tree

    def component(self, key: str) -> Any:
        """What a component of ours was sent."""
        (found,) = [e.proto for e in self.app.get("bidi_component") if e.key == key]
        return found

    @property
    def link(self) -> str:
        """The query that the address bar holds."""
        return json.loads(self.component("link").json)["query"]

    @property
    def scene(self) -> Scene:
        """The scene of whoever opens that link."""
        scene, notices = Scene.read_query(dict(parse_qsl(self.link, keep_blank_values=True)))
        assert not notices
        return scene

    @property
    def picture(self) -> bytes:
        """The figure as it travelled."""
        return inner(self.component("fan").bytes, "figure")

    def traces(self, name: str) -> list[dict[str, Any]]:
        """The figure's traces of that name."""
        return [trace for trace in read(self.picture)["data"] if trace["name"] == name]

    @property
    def complaints(self) -> list[str]:
        """Every error on the page."""
        return [error.value for error in self.app.error]

    def words(self) -> Iterator[str]:
        """Every text a reader sees: labels, help, options, sentences, and words in components."""
        for element in self.elements():
            proto = getattr(element, "proto", None)
            for field in ("label", "help", "body", "placeholder"):
                yield getattr(proto, field, None) or ""
            for option in getattr(proto, "options", ()):
                yield option if isinstance(option, str) else option.content
            if said := getattr(proto, "json", ""):
                yield from json.loads(said)["texts"].values()
            if block := getattr(proto, "bytes", b""):
                content = read(block)
                yield from content.get("texts", {}).values()
                yield content.get("label", "")
