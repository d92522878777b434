"""The gallery: every link opens what is pictured, and every sentence is true, by computing it."""

from __future__ import annotations

import base64
import io
import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from urllib.parse import parse_qs

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.ndimage import maximum_filter
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.solvers import SOLVERS
from flowviz.core.training.loss_floor import loss_floor
from flowviz.core.training.progress import drain
from flowviz.core.transport import Trajectories, launch, trajectories
from flowviz.scene import Scene
from flowviz.scene.parameters import FAMILY, PLANE_FAMILY, PLANE_PRIOR, PRIOR, SCHEDULE
from flowviz.text import ENTRIES, LANGUAGES, Language, translator
from flowviz.ui.browser.assets import THUMBNAILS
from flowviz.ui.couplings import compute as couplings
from flowviz.ui.demos import far
from flowviz.ui.demos import gravity as gravity_demo
from flowviz.ui.document import PAGES
from flowviz.ui.gallery.scenes import GROUPS, GUIDE, Row, rows
from flowviz.ui.gallery.thumbnails import thumbnail
from flowviz.ui.green import compute as green
from flowviz.ui.guidance import compute as guidance
from flowviz.ui.images import compute as images
from flowviz.ui.images import own
from flowviz.ui.solvers import compute as solvers
from tests.visitor import ROOT, Visitor

ROWS = {row.name: row for row in rows()}
OWN = {name: row for name, row in ROWS.items() if row.group != "more"}
"""Those with a sentence of their own."""
READERS = [Scene(), Scene(lang="zh", large=True, convention="flow_matching")]
LARGEST = 400_000  # bytes of all thumbnails

each_row = pytest.mark.parametrize("row", ROWS.values(), ids=list(ROWS))


# ------------------------------------------------------------------------------ the table


def test_it_goes_from_a_first_look_to_research() -> None:
    groups = [row.group for row in rows()]
    assert list(dict.fromkeys(groups)) == list(GROUPS)
    assert groups == sorted(groups, key=GROUPS.index)
    assert len(OWN) >= 24
    assert len(ROWS) == len(rows())
    assert {row.page for row in OWN.values()} == set(PAGES) - {"lesson", "gallery"}


def test_a_numbered_path_of_seven_leads_through_the_pages_of_flows() -> None:
    assert len(set(GUIDE)) == 7
    beyond = {"lesson", "gallery", "couplings", "guidance", "images"}
    assert {ROWS[name].page for name in GUIDE} == set(PAGES) - beyond
    for name in GUIDE:
        for lang, ends in (("en", r"\.(?= |$)"), ("zh", "。")):
            assert len(re.findall(ends, translator(lang)(f"guide.{name}"))) == 2, (name, lang)


def test_all_there_is_to_choose_is_in_it() -> None:
    shown = [(row.page, row.scene) for row in rows()]
    line = {s for p, s in shown if p == "fan"}
    plane = {s for p, s in shown if p == "plane"}
    assert set(PRIOR.classes()) | set(PLANE_PRIOR.classes()) == (
        {s.prior for s in line} | {s.plane_prior for s in plane}
    )
    assert set(FAMILY.classes()) | set(PLANE_FAMILY.classes()) == (
        {s.family for s in line} | {s.plane_family for s in plane}
    )
    assert set(SCHEDULE.classes()) - {"formula"} == {s.schedule for s in line}


@each_row
def test_a_link_opens_the_scene_of_its_row(row: Row) -> None:
    for reader in READERS:
        page, _, query = row.link(reader).partition("?")
        scene, notices = Scene.read_query(parse_qs(query, keep_blank_values=True))
        assert (page, notices) == (row.page, [])
        assert page in PAGES
        assert scene == Scene(**row.changes).model_copy(update=reader.reader())
        assert scene.reader() == reader.reader()


@each_row
@pytest.mark.parametrize("lang", LANGUAGES)
def test_one_sentence_says_what_is_worth_seeing(row: Row, lang: Language) -> None:
    usual, turned = translator(lang), translator(lang, "flow_matching")
    for tr in (usual, turned):
        about, title = row.about(tr), row.title(tr)
        assert about.endswith({"en": ".", "zh": "。"}[lang])
        assert title[-1] not in ".。"
        if row.group != "more":
            assert len(re.findall(r"\.(?!\d)|。", about)) == 1
            assert len(title) <= 40
            assert len(about) <= {"en": 170, "zh": 70}[lang]
    template = getattr(ENTRIES[f"gallery.{row.name}.about"], lang) if row.group != "more" else ""
    assert {name for name in "ab" if f"{{{name}}}" in template} == set("ab"[: len(row.times)])
    if any(t != 0.5 for t in row.times):
        assert row.about(usual) != row.about(turned)


# ------------------------------------------------------------------------------ thumbnails


def parts(text: str) -> tuple[str, list[tuple[str, np.ndarray]], np.ndarray]:
    """The style sheet of a thumbnail, its shapes with their nodes, and its shading."""
    root = ET.fromstring(text)
    sheet, shapes, shading = "", [], np.zeros((0, 0))
    for node in root.iter():
        tag = node.tag.rpartition("}")[2]
        if tag == "style":
            sheet = node.text or ""
        elif tag == "image":
            data = base64.b64decode(node.attrib["href"].partition(",")[2])
            shading = np.asarray(Image.open(io.BytesIO(data))).astype(float)
        elif tag == "path":
            kind = f"{node.attrib['class']} {node.attrib.get('style', '')}"
            shapes.append((kind, nodes(node.attrib["d"])))
    return sheet, shapes, shading


def nodes(path: str) -> np.ndarray:
    """The places that a path of M, l and h goes through."""
    at, found = np.zeros(2), []
    for kind, numbers in re.findall(r"([Mlh])([^Mlh]*)", path):
        step = np.array([float(n) for n in re.findall(r"-?\d+", numbers)])
        if kind == "h":
            continue
        at = step if kind == "M" else at + step
        found.append(at)
    return np.array(found)


def same_places(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether every node lies at one of the other path, to what rounding may move it."""
    apart = np.abs(one[:, None] - other[None]).max(-1)
    return bool(max(apart.min(0).max(), apart.min(1).max()) <= 4)


@each_row
def test_a_thumbnail_is_what_its_link_shows(row: Row) -> None:
    kept = parts((THUMBNAILS / f"gallery-{row.name}.svg").read_text(encoding="utf-8"))
    made = parts(thumbnail(row))
    remedy = "run: python -m flowviz.ui.gallery.thumbnails"
    assert kept[0] == made[0], remedy
    assert [kind for kind, _ in kept[1]] == [kind for kind, _ in made[1]], remedy
    pairs = zip(kept[1], made[1], strict=True)
    assert all(same_places(one, other) for (_, one), (_, other) in pairs), remedy
    assert kept[2].shape == made[2].shape, remedy
    assert np.abs(kept[2] - made[2]).max() <= 3, remedy
    assert kept[1]


def test_all_thumbnails_together_are_small() -> None:
    files = list(THUMBNAILS.iterdir())
    assert {path.name for path in files} == {f"gallery-{name}.svg" for name in ROWS}
    assert sum(path.stat().st_size for path in files) <= LARGEST


def test_thumbnails_differ_where_their_pictures_do() -> None:
    texts = {name: (THUMBNAILS / f"gallery-{name}.svg").read_text("utf-8") for name in ROWS}
    same = {frozenset(n for n in texts if texts[n] == texts[name]) for name in texts}
    several = {names for names in same if len(names) > 1}
    assert several == {
        frozenset({"article", "floor", "no_floor"}),  # one flow, which two networks learn
        frozenset({"four_steps", "ddim"}),  # which is what is said of them
    }


# ------------------------------------------------------------------------------ the page


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_has_every_card(lang: Language) -> None:
    visitor = Visitor(ROOT / "pages" / "gallery.py", {"lang": lang, "time": "0.25"})
    assert not visitor.complaints
    html = "\n".join(element.proto.body for element in visitor.app.get("html"))  # type: ignore[attr-defined]
    reader, tr = Scene(lang=lang), translator(lang)
    links = [
        link.replace("&amp;", "&") for link in re.findall(r'class="fv-scene" href="([^"]+)"', html)
    ]
    assert links == [f"/{row.link(reader)}" for row in rows()]
    (surprise,) = re.findall(r'class="fv-surprise" href="([^"]+)"', html)
    assert surprise.replace("&amp;", "&") in links
    path = html.partition('<ol class="fv-guide">')[2].partition("</ol>")[0]
    found = re.findall(r'<li><a href="([^"]+)">', path)
    assert [link.replace("&amp;", "&") for link in found] == [
        f"/{ROWS[name].link(reader)}" for name in GUIDE
    ]
    for name in GUIDE:
        for text in (ROWS[name].title(tr), tr(f"guide.{name}")):
            assert text.replace("'", "&#x27;") in path
    for row in rows():
        assert f"/gallery-{row.name}.svg" in html
        for text in (row.title(tr), row.about(tr)):
            assert text.replace("'", "&#x27;") in html
    assert visitor.scene.time == 0.25  # what was chosen elsewhere stays
    assert "time=0.25" in visitor.link


# ------------------------------------------------------------------------------ what is claimed

CLAIMS: dict[str, Callable[[Scene], None]] = {}


def claim(check: Callable[[Scene], None]) -> Callable[[Scene], None]:
    CLAIMS[check.__name__] = check
    return check


@pytest.mark.parametrize("name", OWN)
def test_every_sentence_is_true(name: str) -> None:
    CLAIMS[name](OWN[name].scene)


def test_no_claim_is_about_nothing() -> None:
    assert set(CLAIMS) == set(OWN)


T = torch.linspace(0.0, 1.0, 401, dtype=torch.float64)


def line(scene: Scene, n: int = 201) -> tuple[MarginalField, Tensor, Trajectories]:
    field = scene.field()
    x1 = launch(field.prior, n, "probability")
    return field, x1, trajectories(field, x1, T)


def bend(found: Trajectories, part: slice = slice(None)) -> float:
    """How far trajectories are from being straight: the largest second difference."""
    x = found.x[:, part, 0]
    return float((x[:, 2:] - 2.0 * x[:, 1:-1] + x[:, :-2]).abs().max())


def number(value: float) -> Tensor:
    return torch.tensor(value, dtype=torch.float64)


def arrivals(scene: Scene, n: int = 1500) -> tuple[Tensor, Tensor]:
    """Prior samples of the plane, and the data points that they reach."""
    field = scene.field("plane")
    x1 = field.prior.sample(n, 2, torch.Generator().manual_seed(5))
    return x1, trajectories(field, x1, T[[0, -1]]).basin


def summits(scene: Scene, t: float) -> int:
    """Local maxima of the density of the plane, of more than a thousandth of the highest."""
    axis = torch.linspace(-3.0, 3.0, 160, dtype=torch.float64)
    p = scene.field("plane").grid((axis, axis), number(t)[None]).p[0].numpy()
    return int(((p == maximum_filter(p, 3)) & (p > 1e-3 * p.max())).sum())


@claim
def article(scene: Scene) -> None:
    assert bend(line(scene)[2]) > 1e-3
    assert bend(line(scene.with_(points="0.5"))[2]) < 1e-12


@claim
def one_point(scene: Scene) -> None:
    assert len(scene.points) == 1
    assert bend(line(scene)[2]) < 1e-12


@claim
def two_points(scene: Scene) -> None:
    _, x1, found = line(scene, 200)
    middle = sum(scene.points.x) / 2.0
    assert ((x1[:, 0] > middle) == (found.x[:, 0, 0] > middle)).all()
    assert scene.points.w[0] == scene.points.w[1]
    assert float(scene.field().prior.cdf(number(middle))) == 0.5


@claim
def nine_to_one(scene: Scene) -> None:
    _, x1, found = line(scene, 1000)
    assert scene.points.w[0] == 9 * scene.points.w[1]
    assert scene.points.x[0] < scene.points.x[1]
    assert float((found.basin == 0).double().mean()) == pytest.approx(0.9, abs=1e-3)
    assert x1[found.basin == 0].max() < x1[found.basin == 1].min()


@claim
def outside(scene: Scene) -> None:
    field, _, found = line(scene)
    assert torch.isinf(field.prior.log_prob(field.x0)).all()
    (t,) = OWN["outside"].times
    assert bend(found, slice(0, math.floor(400 * t))) < 1e-12
    assert bend(found) > 1e-3
    reach = [(1 - t) * x + t * np.array([0.0, 2.0]) for x in scene.points.x]
    assert reach[0][1] == pytest.approx(reach[1][0])  # they touch at t, and overlap above


@claim
def near_and_far(scene: Scene) -> None:
    near, far = OWN["near_and_far"].times
    a, b, c = scene.points.x
    for t, (low, high) in ((near, (a, b)), (far, (b, c))):
        assert (1 - t) * low + 2 * t == pytest.approx((1 - t) * high)
    assert near < 0.05


@claim
def average(scene: Scene) -> None:
    assert scene.probe
    field, (t, x) = scene.field(), scene.probe
    at = number(x).reshape(1, 1)
    share = field.posterior(at, number(t))[0]
    assert share.tolist() == pytest.approx([2 / 3, 1 / 3, 0.0])
    straight = (x - np.array(scene.points.x)) / t
    assert float(field(at, number(t))) == pytest.approx(2 / 3 * straight[0] + straight[1] / 3)


@claim
def four_points(scene: Scene) -> None:
    _, basin = arrivals(scene)
    shares = torch.bincount(basin[basin >= 0], minlength=4) / len(basin)
    assert shares.tolist() == pytest.approx([0.4, 0.2, 0.2, 0.2], abs=0.04)


@claim
def eight_sectors(scene: Scene) -> None:
    x1, basin = arrivals(scene)
    sector = torch.round(torch.atan2(x1[:, 1], x1[:, 0]) / (math.pi / 4)).long() % 8
    assert len(set(scene.plane_points.w)) == 1
    assert float((sector == basin).double().mean()) > 0.995  # near a border, to 1e-4 of a point


def summits_at(scene: Scene, *counts: int) -> None:
    """The picture stands at the row's first time; there, and at its second one, counts hold."""
    (row,) = (row for row in OWN.values() if row.scene == scene)
    assert scene.time == row.times[0]
    assert [summits(scene, t) for t in row.times] == list(counts)


@claim
def two_moons(scene: Scene) -> None:
    assert len(scene.plane_points) == 32
    summits_at(scene, 2, 32)


@claim
def checkerboard(scene: Scene) -> None:
    assert len(scene.plane_points) == 72
    summits_at(scene, 8, 72)


@claim
def pinwheel(scene: Scene) -> None:
    assert len(scene.plane_points) == 40
    summits_at(scene, 5)


@claim
def flower(scene: Scene) -> None:
    assert len(scene.plane_points) == len({row[:2] for row in scene.plane_points.rows}) == 500
    assert all(len(OWN["flower"].link(reader)) < 1_000 for reader in READERS)


@claim
def gravity(scene: Scene) -> None:
    found = far.shares("line", scene)
    assert found is not None
    assert float(found.distance[-1]) == pytest.approx(40.0)
    assert round(float(found.share[-1, 0]), 4) == 0.5078
    assert float(scene.field().weights[0]) == 0.5


@claim
def heavy_tails(scene: Scene) -> None:
    field = scene.field()
    beyond = 2.0 * float(field.prior.cdf(number(-10.0)))
    assert 1 / 16.5 < beyond < 1 / 15.5
    far = number(10.0).reshape(1, 1) * torch.tensor([[-1.0], [1.0], [1e3]])
    found = trajectories(field, far, T[[0, -1]])
    assert found.x[:, 0, 0].tolist() == [-1.0, 1.0, 1.0]
    assert max(map(abs, green.field_range(field))) < 10.0


@claim
def infinite_density(scene: Scene) -> None:
    field, x1, found = line(scene)
    ends = torch.tensor([[0.0], [2.0]], dtype=torch.float64)
    near = field.prior.log_prob(ends + torch.tensor([[1e-12], [-1e-12]])).exp()
    assert (near > 1e5).all()
    conserved(field, x1, found)


@claim
def two_bells(scene: Scene) -> None:
    field, x1, found = line(scene, 200)
    assert ((x1 > 0) == (found.x[:, 0] > 0)).all()
    gap = float(field.prior.cdf(number(0.5)) - field.prior.cdf(number(-0.5)))
    assert gap < 1 / 2_000


@claim
def from_data_to_data(scene: Scene) -> None:
    samples = torch.tensor(dict(scene.prior_params)["samples"], dtype=torch.float64)[:, None]
    found = trajectories(scene.field(), samples, T[[0, -1]])
    assert found.basin.tolist() == [0, 0, 1, 1]


@claim
def ring(scene: Scene) -> None:
    field = scene.field("plane")
    places = torch.tensor([[0.0, 0.0], [2.0, 0.0]], dtype=torch.float64)
    middle, on = field.prior.log_prob(places).exp().tolist()
    assert middle < 1e-6 * on
    _, basin = arrivals(scene)
    assert field.x0[0].tolist() == [0.0, 0.0]
    assert float((basin == 0).double().mean()) == pytest.approx(0.2, abs=0.04)


@claim
def disk(scene: Scene) -> None:
    field = scene.field("plane")
    x1 = field.prior.sample(40, 2, torch.Generator().manual_seed(5))
    x = trajectories(field, x1, T).x
    turned = (x[:, 2:] - 2.0 * x[:, 1:-1] + x[:, :-2]).norm(dim=-1) > 1e-6
    back = field.path.inverse(x[:, 1:-1].reshape(-1, 2), field.x0, T[1:-1].repeat(40))
    covers = (back.norm(dim=-1) < 2.0).reshape(40, -1, field.n)  # which points' disks are here
    changes = torch.nn.functional.pad((covers[:, 1:] != covers[:, :-1]).any(-1).double(), (1, 0))
    near = torch.nn.functional.max_pool1d(changes[:, None], 5, 1, 2)[:, 0] > 0
    assert turned.any(1).double().mean() > 0.5
    assert not (turned & ~near).any()
    assert float(turned.double().mean()) < 0.05


def same_ends(scene: Scene, **changes: str) -> None:
    one, other = line(scene)[2], line(scene.with_(**changes))[2]
    assert one.basin.tolist() == other.basin.tolist()


@claim
def another_schedule(scene: Scene) -> None:
    same_ends(scene, schedule="linear")
    assert bend(line(scene.with_(points="0.5"))[2]) > 1e-6  # each line bends, one point's too


@claim
def late_data(scene: Scene) -> None:
    (t,) = OWN["late_data"].times
    alpha, sigma = scene.schedule_object()(number(t))
    assert round(float(alpha), 2) == 0.28
    assert float(alpha**2 + sigma**2) == pytest.approx(1.0)
    assert float(scene.with_(schedule="linear").schedule_object()(number(t))[0]) == 0.5


@claim
def waves(scene: Scene) -> None:
    same_ends(scene, family="affine")
    x = line(scene)[2].x[..., 0]
    order = x.argsort(0)
    assert (x.diff(dim=0)[:, 1:] > 0).all()
    assert (order[:, 1:] == order[:, -1:]).all()


@claim
def typed(scene: Scene) -> None:
    field, x1, found = line(scene, 41)
    conserved(field, x1, found)
    t, x0 = number(0.5), number(0.5).reshape(1, 1)
    x = scene.path().forward(x1, x0, t)[:, 0, 0]
    assert float((x[2:] - 2 * x[1:-1] + x[:-2]).abs().max()) > 1e-6
    assert len(scene.formula.text) < 60


@claim
def swirl(scene: Scene) -> None:
    basins = [arrivals(one)[1] for one in (scene, scene.with_(plane_family="affine"))]
    assert float((basins[0] != basins[1]).double().mean()) == pytest.approx(0.9, abs=0.03)


def conserved(field: MarginalField, x1: Tensor, found: Trajectories) -> None:
    """F_t(x_t) = F₁(x₁), by the law's own functions: the trajectories are exact."""
    for k in (40, 120, 200, 333):
        back = field.path.inverse(found.x[:, k], field.x0, found.t[k])[..., 0]
        mixed = (field.weights * field.prior.cdf(back)).sum(-1)
        error = (mixed - field.prior.cdf(x1[:, 0])).abs().max()
        assert float(error) < 1e-9


@claim
def green_(scene: Scene) -> None:
    found = green.derivation(green.query_key(scene))
    assert found.x1 == pytest.approx([1.5])
    assert (found.prior, found.determinant, found.density) == pytest.approx((0.5, 2.5, 1.25))


CLAIMS["green"] = CLAIMS.pop("green_")


@claim
def green_gravity(scene: Scene) -> None:
    assert gravity_demo.is_shown(scene)
    found = gravity_demo.measured((scene.green_x0,), 2.0)
    assert np.abs(found.divergence).max() < 1e-11
    assert found.apart < 1e-12


@claim
def green_swirl(scene: Scene) -> None:
    turning = green.derivation(green.query_key(scene))
    straight = green.derivation(green.query_key(scene.with_(plane_family="affine")))
    assert turning.divergence == pytest.approx(straight.divergence)
    assert turning.determinant == pytest.approx(straight.determinant)
    assert turning.velocity != pytest.approx(straight.velocity)


@claim
def fold(scene: Scene) -> None:
    path, x0 = scene.path(), number(scene.green_x0).reshape(1, 1)
    x1 = torch.linspace(-2.0, 2.0, 2001, dtype=torch.float64)[:, None]
    x = path.forward(x1, x0, number(scene.green_t))[:, 0, 0]
    assert not (x.diff() > 0).all()
    # Two trajectories at one place have two velocities.
    turns = (x.diff()[1:] * x.diff()[:-1] < 0).nonzero()[:, 0] + 1
    at = float(x[turns[0]] + x[turns[1]]) / 2.0
    same = ((x[1:] - at) * (x[:-1] - at) <= 0).nonzero()[:, 0]
    assert len(same) >= 3
    ahead = path.forward(x1, x0, number(scene.green_t + 1e-6))[:, 0, 0]
    velocities = ((ahead - x) / 1e-6)[same]
    assert float(velocities.max() - velocities.min()) > 0.1


def floor_of(scene: Scene) -> float:
    field = scene.field(scene.space)
    return drain(
        loss_floor(field, scene.learn_t_min, scene.learn_sampling, scene.learn_target)
    ).value


@claim
def floor(scene: Scene) -> None:
    assert round(floor_of(scene), 2) == 0.30


@claim
def no_floor(scene: Scene) -> None:
    assert scene.learn_target == "exact"
    assert scene.with_(learn_target="conditional") == OWN["floor"].scene
    assert floor_of(scene) == 0.0  # E‖v − f‖² for v = f


def solved(scene: Scene) -> tuple[Tensor, Tensor, Tensor]:
    """Where a solver's samples end, (Q, 1), the nearest data points, and those they belong to."""
    setup = solvers.setup_of(scene)
    picture = solvers.picture(setup, solvers.method_of(scene), scene.solver_lines)
    ends = picture.solution.x[:, -1]
    assert len(ends) == 20
    return ends, torch.cdist(ends, setup.field.x0), picture.exact.basin


@claim
def one_step(scene: Scene) -> None:
    ends, _, _ = solved(scene)
    mean = np.average(scene.points.x, weights=scene.points.w)
    assert float(mean) == pytest.approx(0.975)
    assert ends[:, 0].tolist() == pytest.approx([0.975] * 20)


@claim
def four_steps(scene: Scene) -> None:
    _, distance, basin = solved(scene)
    assert int((distance.amin(1) > 0.05).sum()) == 14
    assert int((distance.argmin(1) != basin).sum()) == 3


@claim
def karras(scene: Scene) -> None:
    _, distance, basin = solved(scene)
    assert float(distance[torch.arange(20), basin].max()) < 1e-9
    times = solvers.setup_of(scene).grid.times(8)
    assert times[-1] == 0.0
    assert (np.diff(np.abs(np.diff(times))) < 0).all()


@claim
def adaptive(scene: Scene) -> None:
    setup, method = solvers.setup_of(scene), solvers.method_of(scene)
    assert method.tolerance == 1e-2
    assert solvers.picture(setup, method, 20).solution.nfe == 61
    _, distance, basin = solved(scene)
    assert float(distance[torch.arange(20), basin].max()) < 1e-9


@claim
def crossing_pairs(scene: Scene) -> None:
    flow = couplings.flow_key(scene)
    alone, best = (couplings.measures(flow, n, 16) for n in ("independent", "optimal_transport"))
    assert round(alone.cost, 3) == 0.591
    assert round(alone.cost / best.cost) == 11
    found = couplings.picture(flow, scene.coupling, scene.coupling_lines, scene.coupling_batch)
    _, x = couplings.euler(flow, scene.coupling, found.x1, int(scene.coupling_steps))
    mean = np.average(scene.points.x, weights=scene.points.w)
    assert x[:, -1, 0].tolist() == pytest.approx([float(mean)] * len(x))


@claim
def best_pairs(scene: Scene) -> None:
    flow = couplings.flow_key(scene)
    assert couplings.measures(flow, scene.coupling, 16).exchanges == 0.0
    found = couplings.picture(flow, scene.coupling, scene.coupling_lines, scene.coupling_batch)
    _, x = couplings.euler(flow, scene.coupling, found.x1, int(scene.coupling_steps))
    assert float((x[:, -1] - found.x0[found.index]).norm(dim=1).max()) < 1e-12


@claim
def ddim(scene: Scene) -> None:
    other = OWN["four_steps"].scene
    assert scene.with_(solver_method="euler") == other
    assert SOLVERS["ddim"] is not SOLVERS["euler"]
    assert float((solved(scene)[0] - solved(other)[0]).abs().max()) < 1e-12


@claim
def guided(scene: Scene) -> None:
    found = guidance.shares(guidance.setup_of(scene))
    assert scene.guidance_scale == 2.0
    assert found.places[found.of_class > 0][:, 0].tolist() == [1.0, 2.0]
    assert round(float(found.share[2]), 2) == 0.19
    assert float(found.of_class[2]) == 0.5


@claim
def guided_plane(scene: Scene) -> None:
    setup = guidance.setup_of(scene)
    found = guidance.shares(setup)
    (inner,) = (k for k, x in enumerate(found.places.tolist()) if x == [0.5, 0.0])
    assert float(found.of_class[inner]) == pytest.approx(1.0 / 3.0)
    assert float(found.share[inner] + 4.0 * found.noise[inner]) < 0.05
    others = [found.places[k] for k in range(6) if not found.of_class[k]]
    distances = torch.cdist(found.places[found.of_class > 0], torch.stack(others)).amin(1)
    assert found.places[found.of_class > 0][distances.argmin()].tolist() == [0.5, 0.0]


@claim
def digits(scene: Scene) -> None:
    assert scene.image_count == 500
    made, x0 = images.made(500, "whole", scene.image_seed), images.used(500).x0
    ends = made.x[: images.SHOWN, -1]
    assert len(ends) == 16
    assert ends.shape[1] == 64
    assert float(torch.cdist(ends, x0).amin(1).max()) < 1e-6


@claim
def mosaics(scene: Scene) -> None:
    windows = ("whole", "seven", "five", "three")
    shares = [images.made(scene.image_count, w, 0).memorised.value for w in windows]
    assert shares[0] == 1.0
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] == 0.0


@claim
def icons(scene: Scene) -> None:
    x0 = own.tensor(scene.image_own)
    assert len(x0) == 6
    both = [own.generated(scene.image_own, w, 0) for w in ("whole", "three")]
    assert [made.memorised.value for made in both] == [1.0, 0.0]
    whole, parts = (made.x[:, -1] for made in both)
    assert float(torch.cdist(whole, x0).amin(1).max()) < 1e-6
    # Every 3 × 3 pixels made are, nearly, those of one of the icons at the same place.
    patch = [9 + 8 * i + k for i in (-1, 0, 1) for k in (-1, 0, 1)]
    assert float(torch.cdist(parts[:, patch], x0[:, patch]).amin(1).median()) < 0.5
