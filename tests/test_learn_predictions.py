"""The network's error read as denoiser, noise and score, against sums written out in NumPy."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
import pytest
import torch

from flowviz.core.field.predictions import Prediction
from flowviz.core.training import VelocityNet, load
from flowviz.core.training.evaluation import Evaluation
from flowviz.scene import Scene
from flowviz.text import ENTRIES
from flowviz.ui.learn import compute, predictions
from flowviz.ui.learn.tasks import measure, train
from tests.visitor import ROOT, Visitor

pytestmark = pytest.mark.usefixtures("small_pages")

KINDS: tuple[Prediction, ...] = get_args(Prediction)
SMALL: dict[str, Any] = {"learn_steps": 20, "learn_width": 8, "learn_depth": 1, "learn_batch": 32}


def drained(steps: Any) -> compute.Arrays:
    try:
        next(steps)
        while True:
            steps.send(False)
    except StopIteration as end:
        return compute.unpack(end.value.data)


def measured(**more: Any) -> tuple[Scene, VelocityNet, compute.Arrays]:
    scene = compute.run_key(Scene(**SMALL | more))
    trained = drained(train(scene, b""))
    return scene, load(trained["weights"].tobytes()), drained(measure(scene, compute.pack(trained)))


def means(
    x: np.ndarray, t: Any, velocity: np.ndarray, scale: float
) -> dict[Prediction, np.ndarray]:
    """What a velocity stands for with α = cos, σ = sin and the prior N(0, scale²)."""
    a, s = np.cos(np.pi * t / 2), np.sin(np.pi * t / 2)
    # x = a D + s E and f = (π/2)(-s D + a E): a rotation, so its transpose is the inverse.
    f = velocity / (np.pi / 2)
    noise = s * x + a * f
    return {
        "velocity": velocity,
        "denoiser": a * x - s * f,
        "noise": noise,
        "score": -noise / (scale**2 * s),
    }


SETTINGS = [
    {"schedule": "cosine", "prior": "gaussian", "prior_params": {"loc": 0, "scale": 1.5}},
    {
        "schedule": "cosine",
        "space": "plane",
        "plane_prior": "gaussian",
        "plane_prior_params": {"loc": 0, "scale": 1.5},
    },
]


@pytest.mark.parametrize("settings", SETTINGS, ids=["line", "plane"])
def test_the_map_and_the_number_are_those_of_the_prediction(settings: dict[str, Any]) -> None:
    scene, net, found = measured(**settings)
    field = scene.field(scene.space)
    axes = compute.cells(compute.stage(compute.exact_key(scene)).view, found["gap"].shape[1])
    x = torch.stack(torch.meshgrid(*axes, indexing="ij"), -1).reshape(-1, field.d)
    maps = {what: predictions.gap_map(found, what) for what in KINDS}
    for k in (3, len(found["gap_t"]) // 2, len(found["gap_t"]) - 1):
        t = float(found["gap_t"][k])
        time = torch.full((len(x),), t, dtype=torch.float64)
        exact, p = field(x, time).numpy(), field.log_prob(x, time).exp().numpy()
        with torch.no_grad():
            learned = net(x, time).numpy()
        shown = np.isfinite(found["gap"][k].ravel())
        weight = np.where(shown, p, 0.0)
        both = means(x.numpy(), t, exact, 1.5), means(x.numpy(), t, learned, 1.5)
        for what in KINDS:
            found_map = maps[what]
            assert found_map
            wanted = np.linalg.norm(both[1][what] - both[0][what], axis=1)
            square = (np.nan_to_num(both[0][what]) ** 2).sum(1)
            wanted /= np.sqrt((weight * square).sum() / weight.sum())
            drawn = found_map[0][k].ravel()
            assert np.allclose(drawn[shown], wanted[shown], rtol=1e-4), what
    at = Evaluation(field, scene.learn_t_min)
    with torch.no_grad():
        learned = net(at.x, at.t).numpy()
    exact = at.exact.numpy()
    for j, what in enumerate(KINDS):
        times = at.t.numpy()[:, None]
        one, other = (means(at.x.numpy(), times, v, 1.5)[what] for v in (exact, learned))
        error = np.sqrt(((other - one) ** 2).sum() / (one**2).sum())
        assert float(found["prediction_errors"][j]) == pytest.approx(error, rel=1e-6)


def test_without_a_conversion_there_is_no_map_and_no_number() -> None:
    _, _, found = measured(prior="uniform")
    assert predictions.gap_map(found, "score") is None
    assert np.isnan(found["prediction_errors"]).tolist() == [False, False, False, True]
    assert predictions.gap_map(found, "noise")


@pytest.mark.parametrize(
    ("query", "missing"),
    [
        ({"prior": "gaussian"}, None),
        ({"prior": "uniform"}, "prior"),
        ({"prior": "gaussian", "family": "wave"}, "family"),
    ],
)
@pytest.mark.parametrize("space", ["line", "plane"])
def test_the_page_says_how_the_network_is_read(
    query: dict[str, str], missing: str | None, space: str
) -> None:
    if space == "plane":
        query = {f"plane_{key}": value for key, value in query.items()}
    query = query | {"prediction": "score", "space": space}
    visitor = Visitor(ROOT / "pages" / "learn.py", query)
    said = {caption.value for caption in visitor.app.caption}
    for name in ("family", "prior"):
        assert (ENTRIES[f"learn.prediction.missing.{name}"].en in said) == (name == missing)
    shown = any("s_\\theta(x,t)" in formula.value for formula in visitor.app.latex)
    assert shown == (missing is None)
