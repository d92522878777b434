"""Velocity, denoiser, noise and score, against sums in 40 digits and against differences."""

from __future__ import annotations

import re
from typing import get_args

import mpmath as mp
import numpy as np
import pytest
import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.field.predictions import (
    Prediction,
    conditional_prediction,
    error_factor,
    exact_prediction,
    from_velocity,
    missing_conversion,
)
from flowviz.core.paths import PATHS, Affine
from flowviz.core.priors import PLANE_PRIORS, PRIORS, Gaussian
from flowviz.core.schedules import SCHEDULES
from flowviz.scene import Scene
from flowviz.text import ENTRIES, translator
from flowviz.ui.widgets.predictions import formula
from tests import reference
from tests.block_reader import inner, read
from tests.visitor import ROOT, Visitor

pytestmark = pytest.mark.usefixtures("small_pages")

LINE = [name for name in PRIORS if PRIORS[name]().exists_in(1)]
PLANE = [name for name, prior in (PRIORS | PLANE_PRIORS).items() if prior().exists_in(2)]
ALL: tuple[Prediction, ...] = get_args(Prediction)
POINTS, WEIGHTS = [0.5, 1.2, 1.7], [2.0, 1.0, 1.0]


def on_the_line(prior: str, schedule: str) -> MarginalField:
    points = torch.tensor(POINTS, dtype=torch.float64)[:, None]
    path = Affine(SCHEDULES[schedule]())
    return MarginalField(points, torch.tensor(WEIGHTS).double(), PRIORS[prior](), path)


def places(field: MarginalField, t: float, n: int = 4) -> tuple[Tensor, Tensor]:
    """Positions of p_t, away from the kinks, and their times."""
    quantiles = torch.tensor([0.07, 0.31, 0.64, 0.93][:n], dtype=torch.float64)
    x1 = field.prior.icdf(quantiles)
    x0 = field.x0[torch.arange(n) % field.n]
    times = torch.full((n,), t, dtype=torch.float64)
    return field.path.forward(x1[:, None, None], x0[:, None], times)[:, 0], times


@pytest.mark.parametrize("prior", LINE)
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_every_prediction_is_the_sum_over_the_data_points(prior: str, schedule: str) -> None:
    field = on_the_line(prior, schedule)
    true = reference.Flow(POINTS, WEIGHTS, field.prior, schedule)
    for t in (0.15, 0.7):
        x, times = places(field, t)
        found = {what: exact_prediction(field, x, times, what)[:, 0].tolist() for what in ALL}
        for k, position in enumerate(x[:, 0].tolist()):
            ends, sigma = true._ends(mp.mpf(position), t)
            mass = [w * true.pdf(z) for w, z in zip(true.weights, ends, strict=True)]
            total = mp.fsum(mass)
            wanted = {
                "velocity": true.velocity(position, t),
                "denoiser": mp.fdot(mass, true.points) / total,
                "noise": mp.fdot(mass, ends) / total,
                "score": mp.diff(lambda s, t=t: mp.log(true.density(s, t)), mp.mpf(position)),
            }
            for what, value in wanted.items():
                near = {"rel": 1e-9, "abs": 1e-9 * (1.0 + abs(position)) / float(sigma)}
                assert found[what][k] == pytest.approx(float(value), **near), (what, t, position)


@pytest.mark.parametrize("prior", LINE)
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_what_follows_from_the_velocity_is_the_same(prior: str, schedule: str) -> None:
    field = on_the_line(prior, schedule)
    for t in (0.05, 0.4, 0.95, 1.0):
        x, times = places(field, t)
        velocity = field(x, times)
        for what in ALL:
            if missing_conversion(field, what):
                assert what == "score"
                assert prior != "gaussian"
                continue
            turned = from_velocity(field, velocity, x, times, what)
            exact = exact_prediction(field, x, times, what)
            assert torch.allclose(turned, exact, rtol=1e-9, atol=1e-9 / t**3), (what, t)


def test_a_score_of_any_gaussian_follows_from_the_velocity() -> None:
    field = MarginalField([[0.5], [1.2]], [1.0, 3.0], Gaussian(0.7, 1.9), PATHS["affine"]())
    x, times = places(field, 0.3)
    turned = from_velocity(field, field(x, times), x, times, "score")
    step = 1e-5
    difference = (field.log_prob(x + step, times) - field.log_prob(x - step, times)) / (2 * step)
    assert torch.allclose(turned[:, 0], difference, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("prior", PLANE)
def test_in_the_plane_too(prior: str) -> None:
    law = (PRIORS | PLANE_PRIORS)[prior]()
    points = torch.tensor([[0.4, 0.3], [-0.5, 0.2], [0.1, -0.6]], dtype=torch.float64)
    weights = torch.tensor([2.0, 1.0, 1.0], dtype=torch.float64)
    field = MarginalField(points, weights, law, Affine(SCHEDULES["cosine"]()))
    x1 = law.sample(5, 2, torch.Generator().manual_seed(3))
    times = torch.tensor([0.2, 0.4, 0.6, 0.8, 0.95], dtype=torch.float64)
    x = field.path.forward(0.9 * x1[:, None], points[[0, 1, 2, 0, 1]][:, None], times)[:, 0]
    alpha, sigma = np.cos(np.pi * times.numpy() / 2), np.sin(np.pi * times.numpy() / 2)
    ends = (x.numpy()[:, None] - alpha[:, None, None] * points.numpy()) / sigma[:, None, None]
    density = weights.numpy() * np.exp(law.log_prob(torch.tensor(ends)).numpy())
    density /= density.sum(1, keepdims=True)
    for what, each in (("denoiser", points.numpy()[None]), ("noise", ends)):
        wanted = (density[..., None] * each).sum(1)
        found = exact_prediction(field, x, times, what).numpy()  # pyright: ignore[reportArgumentType]
        assert np.allclose(found, wanted, rtol=1e-10, atol=1e-12)
    score, step = exact_prediction(field, x, times, "score"), 1e-6
    for j in range(2):
        move = step * torch.eye(2, dtype=torch.float64)[j]
        up, down = field.log_prob(x + move, times), field.log_prob(x - move, times)
        smooth = (up - down).abs() < 1.0  # no edge of the support between the two
        difference = (up - down) / (2 * step)
        assert torch.allclose(score[smooth, j], difference[smooth], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("family", ["parabola", "squeeze", "wave"])
def test_a_family_that_is_not_affine_has_means_and_no_conversion(family: str) -> None:
    field = MarginalField([[0.5], [1.2]], [1.0, 3.0], Gaussian(), PATHS[family]())
    x = torch.tensor([[0.3], [0.9]], dtype=torch.float64)
    t = torch.tensor([0.4, 0.7], dtype=torch.float64)
    posterior = field.posterior(x, t)
    noise = torch.stack([field.path.inverse(x, field.x0[[i]], t)[:, 0] for i in (0, 1)], 1)
    assert torch.allclose(
        exact_prediction(field, x, t, "noise"), (posterior[..., None] * noise).sum(1)
    )
    for what in ALL[1:]:
        assert missing_conversion(field, what) == "family"
        with pytest.raises(ValueError, match="family"):
            from_velocity(field, x, x, t, what)


def test_under_a_uniform_prior_the_score_is_0_and_says_nothing() -> None:
    field = on_the_line("uniform", "linear")
    x, t = places(field, 0.4)
    assert bool((exact_prediction(field, x, t, "score") == 0).all())


def test_where_there_is_no_density_there_is_no_prediction() -> None:
    field = on_the_line("uniform", "linear")
    x, t = torch.tensor([[-3.0]], dtype=torch.float64), torch.tensor([0.4], dtype=torch.float64)
    for what in ALL:
        assert bool(exact_prediction(field, x, t, what).isnan().all())


def test_a_conversion_that_divides_by_0_is_not_a_number() -> None:
    schedule = SCHEDULES["formula"](alpha="(1-t)^2", sigma="t")  # pyright: ignore[reportCallIssue]
    field = MarginalField([[0.5]], [1.0], Gaussian(), Affine(schedule))
    x, t = torch.tensor([[0.2]], dtype=torch.float64), torch.ones(1, dtype=torch.float64)
    assert bool(from_velocity(field, field(x, t), x, t, "denoiser").isnan().all())


@pytest.mark.parametrize("what", ALL)
def test_an_error_of_the_velocity_becomes_one_of_the_prediction(what: Prediction) -> None:
    field = on_the_line("gaussian", "vp")
    x, t = places(field, 0.35)
    velocity = field(x, t)
    before, after = (from_velocity(field, velocity + e, x, t, what) for e in (0.0, 0.01))
    assert torch.allclose((after - before).abs()[:, 0], 0.01 * error_factor(field, t, what))


def test_a_mean_over_the_data_points_is_the_marginal() -> None:
    field = on_the_line("logistic", "cosine")
    x, t = places(field, 0.6)
    for what in ALL:
        each = conditional_prediction(field, x, t, what)
        mean = (field.posterior(x, t)[..., None] * each).sum(1)
        assert torch.allclose(mean, exact_prediction(field, x, t, what))


# ------------------------------------------------------------------------------------- the pages


def test_the_scene_offers_what_the_core_knows() -> None:
    assert get_args(Scene.model_fields["prediction"].annotation) == ALL


@pytest.mark.parametrize("what", ALL)
@pytest.mark.parametrize("convention", ["diffusion", "flow_matching"])
def test_the_card_reads_the_field_as_the_reader_chose(what: Prediction, convention: str) -> None:
    query = {"probe": "0.4,1.1", "prior": "gaussian", "prediction": what, "convention": convention}
    visitor = Visitor(query=query)
    field = visitor.scene.field()
    x, t = torch.tensor([[1.1]], dtype=torch.float64), torch.tensor([0.4], dtype=torch.float64)
    wanted = float(exact_prediction(field, x, t, what))
    sign = -1.0 if what == "velocity" else 1.0  # towards the data, in either time
    (line,) = [m.value for m in visitor.app.markdown if m.value.startswith("$p_t(x)")]
    shown = re.search(r"quad .*? = (-?[\d.]+) ", line)
    assert shown
    assert float(shown[1]) == pytest.approx(sign * wanted, rel=1e-3)
    figure = read(inner(visitor.component("balance").bytes, "figure"))
    (weights,) = [trace for trace in figure["data"] if trace["name"] == "weights"]
    mean = np.dot(weights["x"], weights["y"]) / np.sum(weights["y"])
    assert mean == pytest.approx(sign * wanted, rel=1e-4)
    assert f"prediction={what}" in visitor.link or what == "velocity"


@pytest.mark.parametrize("space", ["line", "plane"])
@pytest.mark.parametrize("what", ALL[1:])
def test_a_missing_conversion_is_said(space: str, what: Prediction) -> None:
    page, key = ("fan", "probe") if space == "line" else ("plane", "plane_probe")
    place = "0.4,1.1" if space == "line" else "0.4,0.2,0.3"
    prefix = "" if space == "line" else "plane_"
    cases = {
        "family": {f"{prefix}family": "parabola", f"{prefix}prior": "gaussian"},
        "prior": {f"{prefix}prior": "logistic"},
        None: {f"{prefix}prior": "gaussian"},
    }
    for why, query in cases.items():
        visitor = Visitor(ROOT / "pages" / f"{page}.py", query | {key: place, "prediction": what})
        said = {caption.value for caption in visitor.app.caption}
        expected = None if why == "prior" and what != "score" else why
        for name in ("family", "prior"):
            assert (ENTRIES[f"prediction.missing.{name}"].en in said) == (name == expected)
        equations = [m.value for m in visitor.app.latex]
        assert any(symbol in tex for tex in equations for symbol in ("E}[x", "nabla")) == (
            expected != "family"
        )


@pytest.mark.parametrize(
    ("loc", "scale", "tex"),
    [
        (0.0, 1.0, r"-\frac{\mathbb{E}[x_1|x]}{\sigma_t}"),
        (0.5, 2.0, r"-\frac{\mathbb{E}[x_1|x] - 0.5}{2^2\,\sigma_t}"),
        (-0.5, 1.0, r"-\frac{\mathbb{E}[x_1|x] + 0.5}{\sigma_t}"),
    ],
)
def test_the_scores_formula_has_the_priors_numbers(loc: float, scale: float, tex: str) -> None:
    field = MarginalField([[0.5]], [1.0], Gaussian(loc, scale), PATHS["affine"]())
    shown = formula(field, "score", translator("en"))
    assert shown == rf"\nabla\log p_t(x) = {tex}"
    turned = formula(field, "score", translator("en", "flow_matching"))
    assert turned == (shown or "").replace("x_1", "x_0")
