"""Every kind is taken away from every page, in both languages, and opened again."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from flowviz.figures.fonts import writable
from flowviz.scene import Scene
from flowviz.text import translator
from flowviz.ui.play.bundle import PATHS
from flowviz.ui.takeaway.kinds import KINDS
from tests.browser.conftest import OpenPage
from tests.browser.header import speak
from tests.browser.script_runner import ScriptRunner, script_runner
from tests.browser.test_accessibility import findings
from tests.browser.test_play import PlayUser
from tests.serving import ROOT

Array = NDArray[Any]

FEW = "plane_particles=12&trajectories=9&solver_lines=4"
PAGES = {
    "fan": ("en", f"/fan?prior=gaussian&{FEW}"),
    "plane": ("zh", f"/plane?{FEW}"),
    "green": ("zh", "/green?space=plane&green_lines=9"),
    "learn": ("en", "/learn?prior=laplace"),
    "solvers": ("zh", f"/solvers?{FEW}"),
    "couplings": ("en", "/couplings?coupling=optimal_transport&coupling_lines=9"),
    "guidance": ("zh", "/guidance?points=0.5*2%40a,1.2%40b,1.7%40a&guidance_lines=9"),
    "images": ("en", "/images?image_count=20&image_seed=3"),
}
SHOWN = """() => [...document.querySelectorAll(".stMain .js-plotly-plot")].flatMap((plot) =>
  plot.data.filter(({ x, y }) => x?.length && x.length === y?.length).map(({ x, y }) =>
    [Array.from(x, Number), Array.from(y, Number)]))"""
"""Every line of every figure of the page, as the browser has it."""
BOARD = """() => [...document.querySelectorAll(".stMain .js-plotly-plot")].map((plot) =>
  plot.data.find(({ type }) => type === "heatmap")).find((trace) => trace)?.z.map((row) =>
    Array.from(row, Number))"""
"""The cells of the first picture of images."""
CODES = 2.0 / 65_535  # of the view: a step of a position that travels as a code


def opened(page: Page) -> dict[str, str]:
    """Open the menu; its files' names by their kinds."""
    page.locator(".fv-take summary").click()
    page.wait_for_selector(".fv-take button[data-name=bib]")
    names = page.locator(".fv-take button").evaluate_all("all => all.map((b) => b.dataset.name)")
    return {name: name for name in names}


def figure_title(page: Page) -> str:
    """Of the figure that is chosen in the menu, without the time."""
    texts = page.locator(".fv-take option").all_inner_texts()
    return re.split(r"\s{2,}|  ", texts[0])[0].strip()


def taken(page: Page, kind: str) -> tuple[str, bytes]:
    """Press a button of the menu: the file's name and what is in it."""
    page.wait_for_timeout(150)  # Chromium drops what is more than ten files in a second
    with page.expect_download() as download:
        page.locator(f".fv-take button[data-name={kind}]").click()
    expect(page.locator(".fv-take-status")).to_contain_text(download.value.suggested_filename)
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def is_picture(body: bytes, kind: str) -> None:
    image = Image.open(io.BytesIO(body))
    assert image.format == kind.upper()
    assert min(image.size) > 200
    assert len(set(image.convert("L").resize((64, 64)).tobytes())) > 5  # not blank
    if kind != "png":
        assert getattr(image, "n_frames", 1) > 20


def on_screen(page: Page, table: pd.DataFrame, across: str, up: str) -> None:
    """Every place of the first and the last trajectory is on a line of a figure."""
    lines = [np.array(line, dtype=float) for line in page.evaluate(SHOWN)]
    shown = np.concatenate(lines, axis=1).T
    shown = shown[np.isfinite(shown).all(1)]
    ends = table["trajectory"].isin([1, table["trajectory"].max()])
    wanted = table.loc[ends, [across, up]]
    span = float(np.ptp(shown[:, 1]))
    for place in wanted.to_numpy():
        assert np.abs(shown - place).max(1).min() < max(CODES, 1e-6) * span, place


def board_on_screen(page: Page, table: pd.DataFrame) -> None:
    """The first 16 samples are the images of the first and the third row."""
    shown = np.array(page.evaluate(BOARD), dtype=float).reshape(4, 9, 8, 9).swapaxes(1, 2)
    made = shown[::2, :, :8, :8].reshape(16, 64)
    pixels = np.stack([table[f"pixel_{k}"] for k in range(64)], axis=1)[:16]
    assert np.abs(made - 0.5 - 0.5 * pixels.clip(-1.0, 1.0)).max() < 1.0 / 200


@pytest.fixture(scope="module")
def plain() -> Iterator[ScriptRunner]:
    """Runs scripts that have NumPy and SciPy alone."""
    with script_runner(("numpy", "scipy")) as runner:
        yield runner


@pytest.fixture(scope="module")
def with_flowviz() -> Iterator[ScriptRunner]:
    with script_runner(("torch",), (str(ROOT),)) as runner:
        yield runner


def saved_by(runner: ScriptRunner, code: str, folder: Path, name: str) -> Array:
    """The positions that a script saves."""
    script = folder / name
    script.write_text(code, encoding="utf-8")
    saved = folder / ("script.npz" if name == "script.py" else "flow.npz")
    saved.unlink(missing_ok=True)
    runner.run(script)
    with np.load(saved, allow_pickle=False) as arrays:
        return arrays["x"]


def languages(page: Page, name: str) -> Iterator[str]:
    """The page in its first language, and then in the other one."""
    first = PAGES[name][0] if name in PAGES else "en"
    for lang in (first, "en" if first == "zh" else "zh"):
        speak(page, lang)
        expect(page.locator("h1")).to_have_text(translator(lang)(f"{name}.title"))  # type: ignore[arg-type]
        yield lang


@pytest.mark.parametrize("name", PAGES)
def test_everything_can_be_taken_away_and_opened(
    open_page: OpenPage,
    browser: Browser,
    plain: ScriptRunner,
    with_flowviz: ScriptRunner,
    name: str,
    tmp_path: Path,
) -> None:
    lang, path = PAGES[name]
    page = open_page(f"{path}&lang={lang}")
    page.wait_for_selector(".stMain .js-plotly-plot")
    scene = Scene.from_query(dict(parse_qsl(urlsplit(path).query)))
    offered = {kind for kind, made in KINDS.items() if made.exists(name, scene)}
    offered |= {"png", "svg"} | ({"live"} if name in PATHS else set())
    taken_in: dict[str, dict[str, bytes]] = {}
    for lang in languages(page, name):
        kinds = set(opened(page))
        assert kinds == offered
        table = "samples" if name == "images" else "trajectories"
        label = page.locator(f".fv-take button[data-name={table}]").inner_text()
        assert label == translator(lang)(f"take.{table}")  # type: ignore[arg-type]
        files = {kind: taken(page, kind) for kind in sorted(kinds)}
        stems = {re.match(rf"flowviz-{name}-[0-9a-f]{{8}}", file)[0] for file, _ in files.values()}  # type: ignore[index]
        assert len(stems) == 1
        taken_in[lang] = bodies = {kind: body for kind, (_, body) in files.items()}
        drawings(page, name, lang, bodies)
        if name in PATHS:
            live(browser, name, lang, bodies["live"], tmp_path)
        if len(taken_in) == 1:
            assert findings(page, ".fv-take") == []
            x, known = in_tables(page, bodies)
            in_scripts(plain, with_flowviz, bodies, tmp_path, (x, known))
        page.keyboard.press("Escape")
    differ_in_words(name, taken_in["en"], taken_in["zh"])


def drawings(page: Page, name: str, lang: str, bodies: dict[str, bytes]) -> None:
    """The pictures are not blank, and what is on screen is in them with its title and time."""
    for kind in ("png", "webp", "gif"):
        is_picture(bodies[kind], kind)
    drawing = bodies["svg"].decode()
    assert drawing.startswith("<svg")
    written = re.sub("<[^>]*>", "", drawing)  # a long title is in lines
    assert "".join(figure_title(page).split()) in "".join(written.split())
    if name in PATHS:
        assert translator(lang)(f"{name}.title") in drawing  # type: ignore[arg-type]
        assert "t = 0.5" in drawing
        particles = {"fan": 9, "plane": 12}[name]
        points = len(Scene().points if name == "fan" else Scene().plane_points)
        assert drawing.count('class="point') >= particles + points


def in_tables(page: Page, bodies: dict[str, bytes]) -> tuple[Array, Array]:
    """Tables and arrays have what is on screen: the positions, and which of them are known."""
    arrays = np.load(io.BytesIO(bodies["npz"]), allow_pickle=False)
    if "samples" in bodies:
        table = pd.read_csv(io.BytesIO(bodies["samples"]), comment="#")
        board_on_screen(page, table)
        assert np.abs(table["pixel_20"] - arrays["x"][:, -1, 20]).max() < 1e-12
        return arrays["x"], np.ones(len(table), dtype=bool)
    table = pd.read_csv(io.BytesIO(bodies["trajectories"]), comment="#")
    flat = arrays["x"].reshape(len(table), -1)
    assert flat[:, 0] == pytest.approx(table["x"], abs=1e-12)
    on_screen(page, table, *(("x", "y") if arrays["x"].ndim == 3 else ("t", "x")))
    return arrays["x"], arrays["reached"] >= 0


def in_scripts(
    plain: ScriptRunner,
    with_flowviz: ScriptRunner,
    bodies: dict[str, bytes],
    folder: Path,
    true: tuple[Array, Array],
) -> None:
    """Scripts and the notebook compute those positions."""
    x, known = true
    found = {"script.py": saved_by(with_flowviz, bodies["script"].decode(), folder, "script.py")}
    code = "\n".join(cells(bodies["notebook"], "code"))
    if "plain" in bodies:
        got = saved_by(plain, bodies["plain"].decode(), folder, "plain.py")
        exact = 1e-6 if x.ndim == 3 and "samples" not in bodies else 1e-10
        assert np.abs(got - x)[known].max() < exact
        assert np.array_equal(saved_by(plain, code, folder, "cells.py"), got)
    else:  # the notebook has the script with flowviz
        found["cells.py"] = saved_by(with_flowviz, code, folder, "cells.py")
    for name, positions in found.items():
        assert np.abs(positions - x)[known].max() < 1e-10, name
    assert b"kexue.fm/archives/9379" in bodies["bib"]


def cells(book: bytes, kind: str) -> list[str]:
    return [
        "".join(cell["source"]) for cell in json.loads(book)["cells"] if cell["cell_type"] == kind
    ]


def live(browser: Browser, name: str, lang: str, body: bytes, folder: Path) -> None:
    """The live file draws itself from a disk, where nothing can be loaded."""
    file = folder / f"{name}-{lang}.html"
    file.write_bytes(body)
    alone = browser.new_context(offline=True)
    page, said = alone.new_page(), list[str]()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(file.as_uri())
    user = PlayUser(page)
    user.has(lang, f"{name}.title", "play.add")
    count = user.scene.trajectories if name == "fan" else user.scene.plane_particles
    assert count == {"fan": 9, "plane": 12}[name]
    alone.close()
    assert said == []


def differ_in_words(name: str, en: dict[str, bytes], zh: dict[str, bytes]) -> None:
    """The same picture and the same numbers in both languages, each under its own title."""
    named = {lang: translator(lang)(f"{name}.title") for lang in ("en", "zh")}  # type: ignore[arg-type]
    for kind in ("webp", "gif"):
        first, second = (
            np.asarray(_first_frame(body), dtype=float) for body in (en[kind], zh[kind])
        )
        apart = np.abs(first - second).max(2)
        assert (apart[:30, :300].max() > 100) == writable(named["zh"])  # the title
        assert (apart[60:] > 100).mean() < 0.002
    for kind in KINDS.keys() & en.keys() - {"webp", "gif", "npz", "notebook"}:
        assert _without_language(en[kind]) == _without_language(zh[kind]), kind
    one, other = (np.load(io.BytesIO(body)) for body in (en["npz"], zh["npz"]))
    assert set(one) == set(other)
    for k in set(one) - {"about"}:
        np.testing.assert_array_equal(one[k], other[k], k)
    for lang, files in (("en", en), ("zh", zh)):
        assert named[lang] in "".join(cells(files["notebook"], "markdown"))
    codes = ["\n".join(cells(files["notebook"], "code")).encode() for files in (en, zh)]
    assert _without_language(codes[0]) == _without_language(codes[1])


def _first_frame(body: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(body)).convert("RGB"), dtype=float)


def _without_language(body: bytes) -> bytes:
    """A file without the language of the link in it, and without that link's checksum."""
    return re.sub(rb"(?<=[?&])(lang|sum)=\w+", b"", body)


def test_the_menu_speaks_the_page_s_language_and_says_what_fails(open_page: OpenPage) -> None:
    page = open_page("/fan?lang=en")
    summary = page.locator(".fv-take summary")
    for lang in ("en", "zh"):
        tr = translator(lang)
        expect(summary).to_have_attribute("title", tr("take.title"))
        opened(page)
        text = page.locator(".fv-take-sheet").inner_text()
        for key in ("take.group.motion", "take.script", "take.embed.none", "take.bib"):
            assert tr(key) in text
        assert tr("take.live") in text
        page.keyboard.press("Escape")
        expect(page.locator(".fv-take-items")).to_have_count(0)
        speak(page, "zh")
    tr = translator("zh")
    opened(page)
    answers = {
        "bib": f"new Response({tr('take.busy')!r}, {{ status: 503 }})",
        "npz": "Promise.reject()",
    }
    said = {"bib": tr("take.busy"), "npz": tr("take.failed")}
    for kind, answer in answers.items():
        page.evaluate(f"() => {{ window.fetch = async () => {answer}; }}")
        page.locator(f".fv-take button[data-name={kind}]").click()
        expect(page.locator(".fv-take-status")).to_have_text(said[kind])


def test_a_figure_stands_alone_in_a_frame(open_page: OpenPage) -> None:
    page = open_page("/plane?embed=1&plane_particles=12&lang=en", width=700, height=520)
    figure = page.locator(".st-key-plane")
    expect(figure.locator(".fv-plot")).to_be_visible()
    for hidden in (".stSidebar", ".stAppHeader", ".st-key-head h1", ".st-key-lead-above p"):
        expect(page.locator(hidden).first).not_to_be_visible()
    box = figure.bounding_box()
    assert box is not None
    assert (box["x"], box["y"], box["width"]) == (0, 0, 700)
    link = page.get_by_role("link", name=translator("en")("take.embed.open"))
    expect(link).to_be_visible()
    at = link.bounding_box()
    assert at is not None
    assert at["y"] + at["height"] <= 520
    assert page.locator(".fv-mark:visible").count() == 0  # they would cover the small figure
    address = link.get_attribute("href") or ""
    assert "plane_particles=12" in address
    assert "embed" not in address
    assert "embed=1" in page.url


# Of a saved figure: the left, top and right of its title, and the figure's width.
TITLE = """(svg) => {
  const node = document.createElement("div");
  node.innerHTML = svg;
  document.body.append(node);
  const { x, y, width } = node.querySelector(".gtitle").getBBox();
  const whole = node.querySelector("svg").width.baseVal.value;
  node.remove();
  return [x, y, x + width, whole]; }"""


def test_the_lesson_and_the_gallery_give_away_what_they_show(open_page: OpenPage) -> None:
    page = open_page("/lesson?lesson_step=1&lesson_answers=1(1,1.5)&lang=en")
    page.wait_for_selector(".stMain .js-plotly-plot")
    for _ in languages(page, "lesson"):
        assert set(opened(page)) == {"png", "svg", "drawing", "answers", "npz", "bib"}
        is_picture(taken(page, "png")[1], "png")
        svg = taken(page, "svg")[1].decode()
        assert svg.lstrip().startswith("<svg")
        left, top, right, width = page.evaluate(TITLE, svg)
        assert min(left, top) > 0
        assert right < width
        drawn = pd.read_csv(io.BytesIO(taken(page, "drawing")[1]), comment="#")
        lines = [np.array(line, dtype=float) for line in page.evaluate(SHOWN)]
        shown = np.concatenate(lines, axis=1).T
        shown = shown[np.isfinite(shown).all(1)]
        given = drawn[["x", "y"]].dropna().to_numpy()
        for place in given[:: len(given) // 40]:
            assert np.abs(shown - place).max(1).min() < 1e-5, place
        answers = pd.read_csv(io.BytesIO(taken(page, "answers")[1]), comment="#")
        assert answers["answer"].tolist() == answers["correct"].round(9).tolist() == [1.0, 1.5]
        np.testing.assert_array_equal(
            np.load(io.BytesIO(taken(page, "npz")[1]))["at"][:, 0], drawn["x"]
        )
        assert b"kexue.fm/archives/9379" in taken(page, "bib")[1]
        page.keyboard.press("Escape")
    page.get_by_role("link", name=translator("zh")("nav.gallery"), exact=True).click()
    expect(page.locator("h1")).to_have_text(translator("zh")("gallery.title"))
    assert set(opened(page)) == {"scenes", "bib"}
    scenes = pd.read_csv(io.BytesIO(taken(page, "scenes")[1]), comment="#")
    cards = page.locator(".fv-scene").evaluate_all("all => all.map((card) => card.href)")
    assert len(cards) == len(scenes)
    for card, link in zip(cards, scenes["link"], strict=True):
        assert (urlsplit(card).path, *parse_qsl(urlsplit(card).query)) == (
            urlsplit(link).path,
            *parse_qsl(urlsplit(link).query),
        )
