"""Gravity derived: its divergence, its slices and its density, by SciPy; and the page."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
import torch

from flowviz.core.greens import gravity as core
from flowviz.figures.gravity import mass_figure
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.text import translator
from flowviz.text.numbers import fixed
from flowviz.ui.demos import gravity
from tests.visitor import ROOT, Visitor

pytestmark = pytest.mark.usefixtures("small_pages")

PAGE = ROOT / "pages" / "green.py"


@pytest.mark.parametrize("d", [1, 2, 3, 8])
def test_only_the_law_of_gravity_has_no_divergence(d: int) -> None:
    """∇·u by differences of the field, in each of d + 1 directions."""
    draw, h = torch.Generator().manual_seed(2), 1e-5
    x0 = torch.randn(d, generator=draw, dtype=torch.float64)
    at = torch.randn(30, 1 + d, generator=draw, dtype=torch.float64)
    distance = (at - torch.cat([torch.zeros(1), x0])).norm(dim=1)
    unit = core.isotropic_field([[1.0, *x0.tolist()]], x0, 1.0)[0, 0]  # C, at R = 1
    for power in (d + 0.5, d + 1.0, d + 2.0):
        by_differences = torch.zeros(len(at), dtype=torch.float64)
        for k in range(1 + d):
            step = h * torch.eye(1 + d, dtype=torch.float64)[k]
            ends = [core.isotropic_field(at + s * step, x0, power)[:, k] for s in (1, -1)]
            by_differences += (ends[0] - ends[1]) / (2 * h)
        found = core.scaled_divergence(at, x0, power)
        torch.testing.assert_close(
            by_differences * distance**power / unit, found, rtol=1e-4, atol=1e-4
        )
        torch.testing.assert_close(
            found, torch.full_like(found, d + 1.0 - power), atol=1e-11, rtol=0
        )


@pytest.mark.parametrize("d", [1, 2, 3])
def test_its_first_component_is_the_density_of_scipy_s_cauchy(d: int) -> None:
    x0, time = np.linspace(0.3, -0.8, d), 1.7
    x = np.random.default_rng(3).normal(size=(40, d)) * 2.0
    law = scipy.stats.multivariate_t(x0.tolist(), (time**2 * np.eye(d)).tolist(), df=1)
    at = torch.from_numpy(np.column_stack([np.full(40, time), x]))
    found = core.isotropic_field(at, torch.from_numpy(x0), d + 1.0)
    assert found[:, 0].numpy() == pytest.approx(law.pdf(x), rel=1e-12)
    velocity = found[:, 1:] / found[:, :1]
    torch.testing.assert_close(velocity, (at[:, 1:] - torch.from_numpy(x0)) / time)
    # t = T/(1 + T), lengths divided by 1 + T.
    shown = core.on_schedule(torch.from_numpy(x / (1.0 + time)), torch.from_numpy(x0), time / 2.7)
    assert shown.exp().numpy() == pytest.approx(law.pdf(x) * (1.0 + time) ** d, rel=1e-11)


@pytest.mark.parametrize("d", [1, 2, 3])
def test_only_with_it_every_slice_has_the_mass_one(d: int) -> None:
    for time in (0.1, 1.0, 7.0):
        assert core.slice_mass(d, time, d + 1.0) == pytest.approx(1.0, abs=1e-9)
        for power in (d + 0.5, d + 2.0):  # u scales like R^(1-a), a slice like R^d
            ratio = core.slice_mass(d, time, power) / core.slice_mass(d, 1.0, power)
            assert ratio == pytest.approx(time ** (d + 1.0 - power), rel=1e-7)


def test_what_has_no_values_is_refused() -> None:
    with pytest.raises(ValueError, match="power must be greater than d = 2"):
        core.slice_mass(2, 1.0, 2.0)
    with pytest.raises(ValueError, match="time must be greater than 0"):
        core.slice_mass(2, 0.0, 3.0)
    for t in (0.0, 1.0):
        with pytest.raises(ValueError, match="t must lie in"):
            core.on_schedule([[0.0]], [0.0], t)


@pytest.mark.parametrize("x0", [(0.5,), (0.4, -1.1)])
def test_the_page_s_straight_lines_are_gravity_and_others_are_not(x0: tuple[float, ...]) -> None:
    assert gravity.measured(x0, len(x0) + 1.0).apart < gravity._BOUND


def test_another_prior_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gravity, "_PARAMS", {"df": 1.001, "loc": 0.0, "scale": 1.0})
    for x0 in ((0.51,), (0.41, -1.1)):
        assert gravity.measured(x0, len(x0) + 1.0).apart > gravity._BOUND


@pytest.mark.parametrize(("space", "lang"), [("line", "en"), ("plane", "zh")])
def test_the_button_shows_the_flow_of_gravity(space: str, lang: str) -> None:
    tr = translator(lang)
    scene = Scene(space=space, lang=lang, schedule="cosine", green_t=0.5)  # type: ignore[arg-type]
    visitor = Visitor(PAGE, scene.to_query("green"))
    assert not gravity.is_shown(visitor.scene)
    visitor.app.session_state["flowviz.demo.gravity"] = True
    visitor.run()
    d = 1 if space == "line" else 2
    said = " ".join(visitor.words())
    assert tr("demo.gravity.field") in said
    assert tr("checks.gravity") in said
    found = gravity.measured((0.5,) if d == 1 else (0.4, 0.3), d + 1.0)
    assert np.abs(found.divergence).max() < 1e-11
    curves = mass_figure(gravity.TIMES, found.mass, {"time": "T", "mass": "m"}, Style()).data
    widths = {curve.name: curve.line.width for curve in curves}  # type: ignore[union-attr]
    assert [curve.name for curve in curves] == ["mass", "one"]  # type: ignore[union-attr]
    assert widths["one"] < widths["mass"]
    assert tr("demo.gravity.shown") not in said
    slider = next(s for s in visitor.app.slider if s.key == f"flowviz.demo.gravity.{space}")
    slider.set_value(d + 2.0)
    visitor.run()
    (said,) = [words for words in visitor.words() if fixed(-1.0, 6) in words]
    assert said.count(fixed(-1.0, 6)) == 1
    words = " ".join(visitor.words())
    for name in ("demo.gravity.flow", "demo.gravity.lens", "checks.gravity"):
        assert tr(name) not in words
    assert "w.demo.gravity.use" not in {button.key for button in visitor.app.button}
    slider = next(s for s in visitor.app.slider if s.key == f"flowviz.demo.gravity.{space}")
    slider.set_value(d + 1.0)
    visitor.run()
    visitor.app.button(key="w.demo.gravity.use").click()
    visitor.run()
    assert not visitor.complaints
    assert gravity.is_shown(visitor.scene)
    assert tr("demo.gravity.shown") in " ".join(visitor.words())


def test_it_is_open_where_the_page_shows_it() -> None:
    scene = Scene(prior="student_t", prior_params=(("df", 1.0),))
    assert gravity.is_shown(scene)
    said = " ".join(Visitor(PAGE, scene.to_query("green")).words())
    assert translator("en")("demo.gravity.shown") in said
