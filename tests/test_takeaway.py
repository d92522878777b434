"""What is taken away from a page: scripts that compute its arrays, data, animations, references."""

from __future__ import annotations

import io
import json
import re
import runpy
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from flowviz.core.formula import FormulaError, parse
from flowviz.core.formula.functions import FUNCTIONS
from flowviz.core.paths import PATHS
from flowviz.core.priors import PLANE_PRIORS, PRIORS
from flowviz.core.schedules import SCHEDULES
from flowviz.core.training.export import comment
from flowviz.figures import animation, fonts
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.scene.formula import Typed
from flowviz.scene.points import PlanePoints
from flowviz.text import ENTRIES
from flowviz.ui.fan import compute as fan
from flowviz.ui.green import compute as green
from flowviz.ui.plane import compute as plane
from flowviz.ui.play import bundle
from flowviz.ui.play.plane_block import FROZEN
from flowviz.ui.takeaway import arrays as page_arrays
from flowviz.ui.takeaway import kinds, menu, plain, plain_formula, plain_parts
from flowviz.ui.takeaway.core_script import core_script
from flowviz.ui.takeaway.kinds import KINDS, FileRequest
from flowviz.ui.takeaway.motion import motion
from flowviz.ui.takeaway.notebook import notebook
from tests.serving import ROOT
from tests.test_component_types import interface

APP = "https://flow.example.org/fan"
EXACT, INTEGRATED = 1e-10, 1e-6


@pytest.fixture(autouse=True)
def coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Densities on few cells: their own tests have the numbers."""
    monkeypatch.setattr(fan, "FULL", (12, 16))
    monkeypatch.setattr(plane, "FULL", replace(plane.FULL, frames=16, cells=32))
    monkeypatch.setattr(green, "CELLS", (12, 16))
    monkeypatch.setattr(green, "COARSER", ((4, 12),))


def order(page: str, **settings: Any) -> FileRequest:
    few: dict[str, Any] = {
        "trajectories": 4,
        "plane_particles": 2,
        "green_lines": 3,
        "solver_lines": 3,
    }
    return FileRequest(page, Scene(**few | settings), APP.replace("fan", page))


# ------------------------------------------------------------------------------- plain scripts


def values(text: str, folder: Path) -> dict[str, Any]:
    """The names that a script defines."""
    file = folder / "script.py"
    file.write_text(text, encoding="utf-8")
    return runpy.run_path(str(file), run_name="taken")


def gap(asked: FileRequest, folder: Path) -> float:
    """How far a plain script's trajectories are from the page's, but on a separatrix."""
    found = page_arrays.arrays(asked.page, asked.scene)
    assert plain.why_not(asked.page, asked.scene) is None
    text = plain.plain_script(asked.page, asked.scene, asked.heading, found)
    got = values(text, folder)
    kept = found["reached"] >= 0
    assert kept.any()
    assert (got["reached"] == found["reached"])[kept].all()
    return float(np.abs(got["x"] - found["x"])[kept].max())


LINE_FAMILIES = [name for name, make in PATHS.items() if name == "formula" or make().exists_in(1)]
PLANE_FAMILIES = [name for name, make in PATHS.items() if name == "formula" or make().exists_in(2)]
TYPED = {
    "forward": Typed("forward", "(1-t)*x0 + t*x1 + a*t*(1-t)*sin(x1)/2", letters=(("a", 0.5),)),
    "inverse": Typed("inverse", "x0 + (x-x0)/t^k", letters=(("k", 1.5),)),
    "mean": Typed("mean", "(1-t)*(x0 + t*min(x0, 1)^2)", "t^2"),
}
NOT_PLAIN = {("family", "squeeze"), ("family", "formula"), ("prior", "arcsine")}
"""In the plane: equations without formula, and a density that is infinite."""


@pytest.mark.parametrize("prior", PRIORS)
def test_a_plain_script_agrees_for_every_prior_of_the_line(prior: str, tmp_path: Path) -> None:
    assert gap(order("fan", prior=prior), tmp_path) < EXACT


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_a_plain_script_agrees_for_every_schedule(schedule: str, tmp_path: Path) -> None:
    assert gap(order("fan", prior="logistic", schedule=schedule), tmp_path) < EXACT
    assert gap(order("plane", schedule=schedule), tmp_path) < INTEGRATED


@pytest.mark.parametrize("family", LINE_FAMILIES)
def test_a_plain_script_agrees_for_every_family_of_the_line(family: str, tmp_path: Path) -> None:
    assert gap(order("fan", prior="gaussian", family=family), tmp_path) < EXACT


@pytest.mark.parametrize("kind", TYPED)
def test_a_plain_script_agrees_for_typed_families(kind: str, tmp_path: Path) -> None:
    asked = order("fan", prior="gaussian", family="formula", formula=TYPED[kind])
    assert gap(asked, tmp_path) < EXACT


@pytest.mark.parametrize("prior", [*PRIORS, *PLANE_PRIORS])
def test_a_plain_script_agrees_for_every_prior_of_the_plane(prior: str, tmp_path: Path) -> None:
    asked = order("plane", plane_prior=prior)
    if ("prior", prior) in NOT_PLAIN:
        assert plain.why_not("plane", asked.scene) == "take.plain.prior"
    else:
        assert gap(asked, tmp_path) < INTEGRATED


@pytest.mark.parametrize("family", PLANE_FAMILIES)
def test_a_plain_script_agrees_for_every_family_of_the_plane(family: str, tmp_path: Path) -> None:
    asked = order("plane", plane_family=family)
    if ("family", family) in NOT_PLAIN:
        assert plain.why_not("plane", asked.scene) == "take.plain.family"
    else:
        assert gap(asked, tmp_path) < INTEGRATED


@pytest.mark.parametrize("page", ["green", "learn", "solvers"])
@pytest.mark.parametrize("space", ["line", "plane"])
def test_every_page_has_a_plain_script(page: str, space: str, tmp_path: Path) -> None:
    asked = order(page, space=space, prior="gaussian")
    assert gap(asked, tmp_path) < (EXACT if space == "line" else INTEGRATED)


def test_the_density_of_a_plain_script_is_the_page_s(tmp_path: Path) -> None:
    asked = order("fan", prior="gaussian")
    found = page_arrays.arrays("fan", asked.scene)
    got = values(plain.plain_script("fan", asked.scene, "", found), tmp_path)
    t, x = found["density_t"], found["density_x"]
    assert got["grid_t"] == pytest.approx(t, abs=1e-12)
    assert got["grid_x"] == pytest.approx(x, abs=1e-12)
    p = got["density"](*np.broadcast_arrays(x[None, 4:], t[6:, None]))
    assert p == pytest.approx(found["density"][6:, 4:], rel=1e-4, abs=1e-9)


def test_the_tables_of_plain_parts_have_every_entry_of_the_registries() -> None:
    assert set(plain_parts.LINE) == set(PRIORS.values())
    assert set(plain_parts.PLANE) == set(PLANE_PRIORS.values())
    assert set(plain_parts.SCHEDULES) == set(SCHEDULES.values())
    assert set(plain_formula.FUNCTIONS) == FUNCTIONS.keys() - {"rot"}


# What a formula may hold; each is also evaluated by the core.
FORMULAS = [
    "sin(x0)+cos(t)-tan(t)*exp(-x1)",
    "log(1+t)+sqrt(t)+tanh(x1)+sinh(t)+cosh(t)+erf(x0)",
    "abs(x0)-sign(x1)+atan2(x0, 2)+clip(x1, -1, 1)",
    "min(x0, x1, t)+max(x0, 1, 2)",
    "norm(x0)*dot(x0, x1)+x0[0]+[x1]",
    "-x0^2**t + +x1/3e2 + pi*e*a",
    "2^-t^2 - (x0-(x1-t))",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_as_numpy_has_the_core_s_value(text: str, tmp_path: Path) -> None:
    import torch

    formula = parse(text, "forward")
    letters = dict.fromkeys(formula.letters, 0.7)
    source = plain_formula.numpy_source(formula.tree, letters)
    at = {"x0": 0.3, "x1": -1.2, "t": 0.6}
    head = "import numpy as np\nfrom scipy import special\n"
    given = "".join(f"{name} = {value!r}\n" for name, value in at.items())
    got = values(f"{head}{given}value = {source}\n", tmp_path)["value"]
    tensors = {name: torch.tensor([value], dtype=torch.float64) for name, value in at.items()}
    assert got == pytest.approx(float(formula.compile(1, letters)(tensors)), rel=1e-14)


# ------------------------------------------------------------------------------- core scripts

SCENES: list[tuple[str, dict[str, Any]]] = [
    ("fan", {}),
    ("fan", {"prior": "student_t", "schedule": "vp", "launch": "probability"}),
    ("fan", {"family": "formula", "formula": TYPED["forward"], "prior": "gaussian"}),
    ("plane", {"plane_prior": "disk"}),
    ("plane", {"plane_prior": "ring", "plane_family": "swirl"}),
    ("green", {}),
    ("green", {"space": "plane", "plane_family": "detour"}),
    ("learn", {"schedule": "cosine"}),
    ("learn", {"space": "plane"}),
    ("solvers", {"prior": "gaussian", "solver_method": "mean_value"}),
    ("solvers", {"prior": "gaussian", "solver_grid": "karras"}),
    ("solvers", {"space": "plane", "solver_method": "dopri5"}),
    ("couplings", {"coupling": "reflow"}),
    ("couplings", {"space": "plane", "coupling": "independent"}),
    ("couplings", {"coupling": "minibatch"}),
]


@pytest.mark.parametrize(("page", "settings"), SCENES)
def test_a_script_with_flowviz_has_the_page_s_arrays(
    page: str, settings: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = order(page, **settings)
    found = page_arrays.arrays(page, asked.scene)
    got = values(core_script(page, asked.scene, asked.heading), tmp_path)["found"]
    assert "x (" in capsys.readouterr().out
    saved = np.load(tmp_path / "script.npz", allow_pickle=False)
    absent = {"density_t", "density_x", "density_y", "density"} if page == "green" else set()
    assert found.keys() - absent <= set(saved.files) == got.keys()
    for name in saved.files:
        assert saved[name].shape == found[name].shape, name
        assert saved[name] == pytest.approx(found[name], abs=EXACT, nan_ok=True), name


# ------------------------------------------------------------------------------- by themselves

CLEAN = {"PATH": "", "OMP_NUM_THREADS": "1", "MPLBACKEND": "Agg"}
WITH_FLOWVIZ = (
    "import runpy, sys; sys.path.insert(0, {root!r}); runpy.run_path({file!r}, run_name='__main__')"
)


def run_alone(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", *arguments],
        cwd=folder,
        env=CLEAN | {"MPLCONFIGDIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("page", "settings"), [("plane", {"plane_prior": "uniform"}), ("fan", {"prior": "gaussian"})]
)
def test_a_plain_script_runs_by_itself_and_draws(
    page: str, settings: dict[str, Any], tmp_path: Path
) -> None:
    asked = order(page, **settings)
    file = tmp_path / "flow.py"
    file.write_bytes(KINDS["plain"].make(asked))
    assert "trajectories at" in run_alone(tmp_path, str(file))
    saved = np.load(tmp_path / "flow.npz", allow_pickle=False)
    found = page_arrays.arrays(page, asked.scene)
    assert saved["x"] == pytest.approx(found["x"], abs=INTEGRATED)
    with Image.open(tmp_path / "flow.png") as drawn:
        assert min(drawn.size) > 400
        assert len(drawn.convert("RGB").getcolors(1 << 20) or []) > 100  # shading and lines


def test_a_script_with_flowviz_runs_by_itself(tmp_path: Path) -> None:
    file = tmp_path / "flow.py"
    file.write_bytes(KINDS["script"].make(order("fan")))
    run_alone(tmp_path, "-c", WITH_FLOWVIZ.format(root=str(ROOT), file=str(file)))
    saved = np.load(tmp_path / "flow.npz", allow_pickle=False)
    assert saved["x"] == pytest.approx(
        page_arrays.arrays("fan", order("fan").scene)["x"], abs=EXACT
    )


def cells_of(text: str) -> list[str]:
    """The code of a notebook, after what the format requires of it."""
    book = json.loads(text)
    assert (book["nbformat"], book["nbformat_minor"]) == (4, 5)
    assert book["metadata"]["kernelspec"].keys() == {"display_name", "language", "name"}
    names = [cell["id"] for cell in book["cells"]]
    assert len(set(names)) == len(names)
    for cell in book["cells"]:
        code = {"execution_count", "outputs"} if cell["cell_type"] == "code" else set()
        assert cell.keys() == {"cell_type", "id", "metadata", "source"} | code
        assert cell["cell_type"] in {"code", "markdown"}
        assert all(line.endswith("\n") for line in cell["source"][:-1])
    return ["".join(cell["source"]) for cell in book["cells"] if cell["cell_type"] == "code"]


@pytest.mark.parametrize(
    ("page", "settings"), [("fan", {"prior": "laplace"}), ("plane", {"plane_prior": "arcsine"})]
)
def test_the_cells_of_a_notebook_run_one_after_the_other(
    page: str, settings: dict[str, Any], tmp_path: Path
) -> None:
    asked = order(page, **settings)
    cells = cells_of(KINDS["notebook"].make(asked).decode())
    assert len(cells) > 3 or page == "plane"
    file = tmp_path / "cells.py"
    file.write_text("\n".join(cells), encoding="utf-8")
    run_alone(tmp_path, "-c", WITH_FLOWVIZ.format(root=str(ROOT), file=str(file)))
    saved = np.load(tmp_path / "flow.npz", allow_pickle=False)
    assert saved["x"] == pytest.approx(page_arrays.arrays(page, asked.scene)["x"], abs=EXACT)


# ------------------------------------------------------------------------------- hostile texts

HOSTILE = 'https://coding:latin-1\nimport os\r\u2028os.abort() {0} <b>*x*</b> } """/fan'


def hostile() -> FileRequest:
    return replace(order("fan"), app=HOSTILE)


def test_nothing_of_an_address_becomes_code(tmp_path: Path) -> None:
    for kind in ("script", "plain"):
        text = KINDS[kind].make(hostile()).decode()
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
        names = {token.string for token in tokens if token.type == tokenize.NAME}
        assert not names & {"os", "abort"}
        assert tokenize.detect_encoding(io.BytesIO(text.encode()).readline)[0] == "utf-8"
        compile(text, kind, "exec")
    assert "# import os" in comment(HOSTILE)


def test_an_address_leaves_a_notebook_and_a_table_whole() -> None:
    book = json.loads(KINDS["notebook"].make(hostile()))
    said = "".join(book["cells"][0]["source"])
    assert r"\<b\>\*x\*\</b\>" in said
    assert "<b>" not in said
    assert cells_of(json.dumps(book))[0].startswith("import numpy")
    table = KINDS["points"].make(hostile()).decode()
    assert len(pd.read_csv(io.StringIO(table), comment="#")) == 3
    bib = KINDS["bib"].make(hostile()).decode()
    assert bib.count("{") == bib.count("}")


@pytest.mark.parametrize(
    "text", ["__import__('os')", "x0; import os", "x0\nos.abort()", '"""+x0', "x0 if t else x1"]
)
def test_no_formula_gets_past_the_grammar(text: str) -> None:
    with pytest.raises(FormulaError):
        plain_formula.numpy_source(parse(text, "forward").tree, {})


def test_the_link_in_a_notebook_is_the_scene_s() -> None:
    """Also one with an underscore, which Markdown would read."""
    asked = order("plane")
    book = json.loads(KINDS["notebook"].make(asked))
    said = "".join(book["cells"][0]["source"])
    assert "_" in asked.link
    assert f"<{asked.link}>" in said


def test_a_density_that_takes_too_long_is_left_out_and_said() -> None:
    many = tuple(float(k) for k in range(600))
    scene = Scene(plane_points=PlanePoints(many, many, (1.0,) * 600), plane_family="squeeze")
    found = page_arrays.arrays("plane", scene.with_(plane_particles=1))
    assert np.isnan(found["density"]).all()
    said = [
        note for g in menu.items(FileRequest("plane", scene, APP))["groups"] for note in g["notes"]
    ]
    assert ENTRIES["take.density.none"].en in said
    assert ENTRIES["take.density.none"].en not in [
        note for g in menu.items(order("plane"))["groups"] for note in g["notes"]
    ]
    assert not plane.has_density(scene, FROZEN)


def test_a_notebook_keeps_the_script_s_code() -> None:
    text = "# said\nimport numpy\n\n# one\na = 1\n\n\ndef f():\n    return 2\n\n# two\nb = 2\n"
    assert "\n\n".join(cells_of(notebook(text, "T"))) + "\n" == text.partition("said\n")[2]


# ------------------------------------------------------------------------------- data


@pytest.mark.parametrize("page", page_arrays.OF_PAGE)
@pytest.mark.parametrize("space", ["line", "plane"])
def test_tables_and_arrays_are_those_of_the_page(page: str, space: str) -> None:
    asked = order(page, space=space, prior="gaussian")
    found = page_arrays.arrays(page, asked.scene)
    npz = np.load(io.BytesIO(KINDS["npz"].make(asked)), allow_pickle=False)
    assert set(npz.files) == {*found, "about"}
    assert all(np.array_equal(npz[name], found[name], equal_nan=True) for name in found)
    assert asked.link in str(npz["about"])
    offered = [k for k, kind in KINDS.items() if kind.suffix.endswith(".csv")]
    offered = [k for k in offered if KINDS[k].exists(page, asked.scene)]
    assert set(offered) == set(page_arrays.OF_PAGE[page]) - {"learned", "curve"}
    for name in offered:
        text = KINDS[name].make(asked).decode()
        assert asked.link in text
        table = pd.read_csv(io.StringIO(text), comment="#")
        want = page_arrays.TABLES[name][1](found, asked.scene)
        assert list(table) == list(want)
        for column in want:
            labels = np.asarray(want[column])
            if labels.dtype.kind == "U":
                written = ["" if value != value else value for value in table[column]]
                assert written == labels.tolist(), column
            else:
                assert table[column].to_numpy() == pytest.approx(want[column], rel=1e-14), column
    rows = pd.read_csv(io.StringIO(KINDS["trajectories"].make(asked).decode()), comment="#")
    q, k = 1, 3  # the second trajectory at the fourth time
    row = rows.iloc[q * len(found["t"]) + k]
    assert row["trajectory"] == q + 1
    assert row["t"] == pytest.approx(found["t"][k])
    where = [row["x"]] if found["x"].ndim == 2 else [row["x"], row["y"]]
    assert where == pytest.approx(np.atleast_1d(found["x"][q, k]).tolist())
    assert row["data_point"] == found["reached"][q] + 1


def test_a_table_ends_with_a_whole_trajectory(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = order("fan", prior="gaussian")
    found = page_arrays.arrays("fan", asked.scene)
    count = len(found["t"])
    monkeypatch.setattr(page_arrays, "MOST_ROWS", 2 * count + 7)
    table = page_arrays.trajectories(found, asked.scene)
    assert {len(column) for column in table.values()} == {2 * count}
    assert table["x"] == pytest.approx(found["x"][:2].ravel())


def test_the_density_of_the_plane_is_what_its_picture_codes() -> None:
    asked = order("plane")
    found = page_arrays.arrays("plane", asked.scene)
    frames = plane.frames(asked.scene, plane.FULL)
    p, top = found["density"].transpose(0, 2, 1)[:, ::-1], frames.scale_max[:, None, None]
    coded = 1.0 + np.floor(254.999 * np.clip(p / top, 0.0, 1.0))
    assert np.abs(coded - frames.codes)[frames.codes > 0].max() <= 1.0


# ------------------------------------------------------------------------------- animations


def drawn(asked: FileRequest, kind: str) -> list[Image.Image]:
    body = KINDS[kind].make(asked)
    assert len(body) <= animation.LIMITS[kind]
    image = Image.open(io.BytesIO(body))
    assert image.format == kind.upper()
    pictures = []
    for k in range(getattr(image, "n_frames", 1)):
        image.seek(k)
        pictures.append(image.convert("RGB"))
    return pictures


@pytest.mark.parametrize("page", page_arrays.OF_PAGE)
@pytest.mark.parametrize("space", ["line", "plane"])
def test_an_animation_moves_and_has_title_and_time(page: str, space: str) -> None:
    if page in ("fan", "plane") and space != page_arrays.flow_space(page, Scene()):
        return
    asked = order(page, space=space, prior="gaussian", lang="zh" if space == "line" else "en")
    found = page_arrays.arrays(page, asked.scene)
    style = Style()
    shown = motion(page, asked.scene, found, style)
    assert shown.title == ENTRIES[f"{page}.title"][asked.scene.lang == "zh"]
    assert (shown.texts[0], shown.texts[-1]) == ("t = 1", "t = 0")
    frame = next(animation.frames(shown, style))
    size = frame.size
    untitled = next(animation.frames(replace(shown, title=""), style))
    untimed = next(animation.frames(replace(shown, texts=[""] * len(shown.texts)), style))
    # The title is left above the axes, the time right of it; nothing else is there.
    for without, box in ((untitled, (0, 0, 300, 30)), (untimed, (size[0] - 90, 0, *(size[0], 30)))):
        difference = np.abs(_pixels(frame, box) - _pixels(without, box))
        assert difference.max() > 100
        assert np.ptp(_pixels(without, box)) < 10
    pictures = drawn(asked, "webp")
    assert pictures[0].size == size
    assert len(pictures) > 20
    assert np.abs(_pixels(pictures[0]) - _pixels(frame)).mean() < 6
    assert np.abs(_pixels(pictures[0]) - _pixels(pictures[-1])).max() > 100


def _pixels(image: Image.Image, box: tuple[int, int, int, int] | None = None) -> np.ndarray:
    return np.asarray(image.crop(box) if box else image, dtype=float)


def test_a_gif_plays_the_same_frames() -> None:
    asked = replace(order("fan"), dark=True)
    gif, webp = drawn(asked, "gif"), drawn(asked, "webp")
    assert abs(len(gif) - len(webp)) <= 4  # equal frames are joined
    assert np.abs(_pixels(gif[0]) - _pixels(webp[0])).mean() < 8
    assert _pixels(gif[0], (0, 0, 5, 5)).mean() < 40  # the page is dark


def test_where_a_file_would_be_too_large_it_is_coarser(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = order("fan", prior="gaussian")
    fine = len(KINDS["webp"].make(asked))
    monkeypatch.setitem(animation.LIMITS, "webp", fine * 2 // 3)
    assert len(KINDS["webp"].make(asked)) <= fine * 2 // 3


def test_without_a_chinese_font_the_title_is_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "chinese_font", lambda: None)
    asked = order("fan", lang="zh")
    found = page_arrays.arrays("fan", asked.scene)
    assert motion("fan", asked.scene, found, Style()).title == ENTRIES["fan.title"].en


# ------------------------------------------------------------------------------- the menu


def test_the_menu_offers_each_kind_once_and_names_its_file() -> None:
    for page in menu.PAGES:
        asked = order(page)
        found = menu.items(asked)
        items = [item for group in found["groups"] for item in group["items"]]
        names = [item["name"] for item in items]
        assert len(set(names)) == len(names)
        wanted = {name for name, kind in KINDS.items() if kind.exists(page, asked.scene)}
        assert set(names) == wanted | ({"live", "light"} if page in bundle.PATHS else set())
        assert all(item["file"].startswith(asked.stem) for item in items if item["file"])
        assert all(item["label"] and item["help"] for item in items)
        assert set(found) == interface("TakeAwayMenu").required
        assert all(set(g) == interface("TakeAwayGroup").required for g in found["groups"])
        assert all(set(item) == interface("TakeAwayItem").required for item in items)


def test_what_is_absent_is_said() -> None:
    said = [
        note
        for asked in (order("plane", plane_family="squeeze"), order("green"))
        for group in menu.items(asked)["groups"]
        for note in group["notes"]
    ]
    assert ENTRIES["take.plain.family"].en in said
    assert ENTRIES["take.live.none"].en in said


def test_equal_scenes_have_equal_names_and_others_not() -> None:
    assert order("fan").stem == order("fan").stem != order("fan", prior="laplace").stem


def test_the_frame_s_markup_is_offered_where_frames_are_allowed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert menu.items(order("fan"))["embed"]["markup"] == ""
    assert "FLOWVIZ_EMBED" in menu.items(order("fan"))["embed"]["note"]
    monkeypatch.setenv("FLOWVIZ_EMBED", "https://course.example")
    markup = menu.items(order("fan"))["embed"]["markup"]
    assert "embed=1" in markup
    assert markup.startswith('<iframe src="https://flow.example.org/fan?v=')


def test_the_references_name_the_article_and_the_scene() -> None:
    text = KINDS["bib"].make(order("fan")).decode()
    assert kinds.ARTICLE in text
    assert "Su, Jianlin" in text
    assert f"url = {{{order('fan').link}}}" in text
    typed = {"family": "formula", "formula": "1~mean~(1-t)^b*x0~t^2~b=2.5"}
    scene = Scene.from_query(typed)
    here = FileRequest("lesson", scene, "http://localhost:8501/lesson")
    query = here.link.partition("?")[2]
    assert {"&", "_", "%"} <= set(query)
    text = KINDS["bib"].make(here).decode()
    assert "localhost" not in text
    note = text.partition("note = {Scene ")[2].partition("\n")[0]
    assert re.findall(r"(?<!\\)[&%#_$~^]", note) == []  # LaTeX would not print them
    written = re.sub(r"\\(?:textasciitilde\{\}|(.))", lambda m: m[1] or "~", note)
    assert written == query + "}"
    assert text.count("{") == text.count("}")


def test_a_learned_flow_is_data_once_it_is_trained(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = order("learn")
    known = page_arrays.arrays("learn", asked.scene)
    assert not KINDS["learned"].exists("learn", asked.scene)
    packed = page_arrays.learn.pack({"x": known["x"] + 0.1, "curve": np.ones((2, 5))})
    monkeypatch.setattr(page_arrays.jobs, "cached_result", lambda *_: packed)
    assert KINDS["learned"].exists("learn", asked.scene)
    found = page_arrays.arrays("learn", asked.scene)
    assert found["learned_x"] == pytest.approx(known["x"] + 0.1)
    assert list(page_arrays.curve(found, asked.scene)) == list(page_arrays.CURVE)
    assert "learned_x" in found
    assert motion("learn", asked.scene, found, Style()).others is not None


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Coarse results are not another test's."""
    from flowviz.ui.session.cache import RESULTS

    RESULTS.clear()
    yield
    RESULTS.clear()
