"""The answers of the lesson's steps, each computed by the core when it is asked for.

No number of an answer is written down here: the tests know them by other ways.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from flowviz.core.greens.single_point import density
from flowviz.core.paths import Affine
from flowviz.core.solvers import SOLVERS, solve
from flowviz.core.solvers.vector_fields import vector_field_of
from flowviz.core.training.loss_floor import loss_floor
from flowviz.core.training.progress import drain
from flowviz.core.transport import basins, trajectories
from flowviz.scene import Scene
from flowviz.scene.formula import Typed
from flowviz.scene.points import PlanePoints, Points
from flowviz.text.numbers import fixed, number, percent
from flowviz.ui.lesson import measured
from flowviz.ui.session.cache import shared_cache

ARTICLE = Scene()
"""The article's figure: three points, a uniform prior, straight lines."""
ONE_POINT = Scene(points=Points((0.5,), (1.0,)))
PLANE_POINT = Scene(plane_points=PlanePoints((0.0,), (0.0,), (1.0,)))
NORMAL, LAPLACE = Scene(prior="gaussian"), Scene(prior="laplace")
CAUCHY = Scene(prior="student_t").with_(prior_params={"df": 1.0})
HALF = 0.5
PLACE = 0.9
"""The position of steps 3 and 6."""
LATE = 0.1
"""The time of step 4."""
FAR_OUT = 50.0
"""The position of the exit question."""
BEND = 2.0
"""The bend of step 9 at which trajectories cross."""
_QUANTILES = 4_000
"""Samples of the prior for steps 8 and 10: their shares are known to a part in 4,000."""
_WITHIN = 1e-5
_SOON = 1e-4
"""The time of step 9 closest to the data."""


@dataclass(frozen=True)
class Truth:
    """The right numbers, in the order of the questions, and the words of the answer."""

    correct: tuple[float, ...]
    words: Mapping[str, str] = field(default_factory=dict)


def _column(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)[:, None]


def quantiles(scene: Scene, count: int = _QUANTILES) -> Tensor:
    """Samples of the prior at equal steps of probability, (count, 1)."""
    q = (torch.arange(count, dtype=torch.float64) + 0.5) / count
    return scene.prior_object().icdf(q)[:, None]


def borders(scene: Scene) -> tuple[float, ...]:
    """Where the destination of the prior's samples changes."""
    return tuple(basins(scene.field()).edges[1:-1].tolist())


def end_of(scene: Scene, x1: Tensor) -> Tensor:
    """Where samples (Q, 1) end, (Q,)."""
    return trajectories(scene.field(), x1, [0.0]).x[:, 0, 0]


def _carried() -> Truth:
    low, high = borders(ARTICLE)
    x0, x1 = ARTICLE.field().x0[:, 0], quantiles(ARTICLE)
    nearest = x0[(x1 - x0).abs().argmin(1)]
    far = float((end_of(ARTICLE, x1) != nearest).double().mean())
    words = {"low": number(low), "high": number(high), "far": percent(far)}
    return Truth((low, high), words)


def _gradually() -> Truth:
    one = ONE_POINT.field()
    value = float(density(one.path, one.prior, one.x0, one.x0, HALF).exp())
    return Truth((value,), {"density": number(value)})


def velocity_to_one_point(schedule: str) -> float:
    """The velocity to 0.5 at the place of step 3."""
    path = Affine(Scene(schedule=schedule).schedule_object())
    return float(path.velocity(_column(PLACE), ONE_POINT.field().x0, torch.tensor(HALF).double()))


def _differentiated() -> Truth:
    value = velocity_to_one_point("quadratic")
    return Truth((value,), {"velocity": number(value)})


def _denser() -> Truth:
    field_of_plane = PLANE_POINT.field("plane")
    start = torch.tensor([[0.4, -0.3]], dtype=torch.float64)
    times = torch.tensor([1.0, LATE], dtype=torch.float64)
    path, x0 = field_of_plane.path, field_of_plane.x0
    log_p = [
        density(path, field_of_plane.prior, path.forward(start, x0, t)[:, 0], x0, t) for t in times
    ]
    factor = float((log_p[1] - log_p[0]).exp())
    return Truth((factor,), {"factor": number(factor)})


def _any_prior() -> Truth:
    upper = [borders(scene)[-1] for scene in (NORMAL, LAPLACE, CAUCHY)]
    shares = basins(NORMAL.field()).mass.tolist()
    names = zip(("gaussian", "laplace", "cauchy"), upper, strict=True)
    words = {name: number(value, 4) for name, value in names}
    return Truth((0.0, upper[0]), words | {"shares": listed(shares)})


def arrows() -> tuple[Tensor, Tensor, float]:
    """Step 6: the three velocities (N,), their posterior weights (N,), and their mean."""
    article = ARTICLE.field()
    at, t = _column(PLACE), torch.tensor(HALF).double()
    conditional = article.path.velocity(at, article.x0, t)[0, :, 0]
    return conditional, article.posterior(at, t)[0], float(article(at, t))


def through_place() -> tuple[Tensor, Tensor]:
    """The trajectory through the place of step 6: times (T,) and positions (T,)."""
    article = ARTICLE.field()
    level = article.cdf(_column(PLACE), HALF)
    times = torch.linspace(0, 1, 101, dtype=torch.float64)
    x1 = article.prior.icdf(level).reshape(1, 1)
    return times, trajectories(article, x1, times).x[0, :, 0]


def _superposed() -> Truth:
    mean, end = arrows()[2], float(through_place()[1][0])
    moves = 0.0 if mean < 0 else 1.0  # generation goes against time
    place = float((ARTICLE.field().x0[:, 0] - end).abs().argmin())
    return Truth((moves, place), {"velocity": number(mean), "end": number(end)})


def _averaged() -> Truth:
    floor = drain(loss_floor(ARTICLE.field(), ARTICLE.learn_t_min)).value
    return Truth((1.0 if floor > 0.01 else 0.0,), {"floor": fixed(floor, 2)})


def _one_lens() -> Truth:
    x1 = quantiles(ARTICLE, 400)
    ends = [end_of(Scene(schedule=name), x1) for name in ("linear", "cosine")]
    difference = float((ends[0] - ends[1]).abs().max())
    option = 0.0 if difference < 1e-9 else 1.0
    return Truth((option,), {"difference": number(difference)})


def bent(a: float) -> Scene:
    """The scene of step 9 with a bend of a."""
    text = "(1-t)*x0 + t*x1 + a*t*(1-t)*sin(3*x1)"
    typed = Typed("forward", text, letters=(("a", a),))
    return ONE_POINT.model_copy(update={"family": "formula", "formula": typed})


def _crosses(a: float, t: float) -> bool:
    """Whether ψ_t(x₁|x₀) falls anywhere over the prior's samples: trajectories have crossed."""
    x1 = torch.linspace(0.0, 2.0, 4_001, dtype=torch.float64)[:, None]
    at = torch.tensor(t, dtype=torch.float64)
    x = bent(a).path("line").forward(x1, ONE_POINT.field().x0, at)[:, 0, 0]
    return bool((x.diff() < 0).any())


def _bisected(low: float, high: float, is_low: Callable[[float], bool]) -> float:
    """Where a condition that holds at ``low`` ends."""
    while high - low > _WITHIN:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if is_low(middle) else (low, middle)
    return low


def _tangled() -> Truth:
    # Trajectories separate last of all at the data point.
    largest = _bisected(0.0, BEND, lambda a: not _crosses(a, _SOON))
    last = _bisected(0.1, 1.0, lambda t: _crosses(BEND, t))
    return Truth((largest, last), {"a": fixed(largest, 3), "t": fixed(last, 3)})


def landed(steps: int) -> tuple[Tensor, Tensor]:
    """Where Euler's method with equal steps lands: the places and their shares, (K,) each."""
    times = torch.linspace(1.0, 0.0, steps + 1, dtype=torch.float64)
    field_ = ARTICLE.field()
    ends = solve(SOLVERS["euler"], vector_field_of(field_), quantiles(ARTICLE), times).x[:, -1, 0]
    places, counts = (1e6 * ends).round().unique(return_counts=True)
    return places / 1e6, counts / counts.sum()


def _few_steps() -> Truth:
    [mean], _ = landed(1)
    places, shares = landed(2)
    words = {"mean": number(float(mean)), "count": str(len(places)), "shares": listed(shares, 4)}
    return Truth((float(mean), float(len(places))), words)


def _undecided() -> Truth:
    by_prior = [
        scene.field().posterior(_column(FAR_OUT), HALF)[0].tolist() for scene in (CAUCHY, NORMAL)
    ]
    weights = ARTICLE.field().weights.tolist()
    apart = max(abs(r - w) for r, w in zip(by_prior[0], weights, strict=True))
    words = {"weights": plain(by_prior[0]), "gaussian": plain(by_prior[1])}
    return Truth((2.0 if apart < 0.01 else 0.0,), words)


# ---------------------------------------------------------------------- second part: images


def _invented() -> Truth:
    found, new = measured.generated(), measured.new_images()
    words = {
        "draws": str(len(found.x)),
        "n": number(measured.COUNT),
        "new": str(new),
        "copies": str(len(found.x) - new),
        "distance": number(float(found.nearest.first.max()), 1),
    }
    return Truth((float(new),), words)


def _decided() -> Truth:
    few, many = measured.decided()
    shift = few.speciation - many.speciation, few.collapse - many.collapse
    moved = [abs(by) > measured.MOVED for by in shift]  # of class and image
    option = {(True, True): 0, (True, False): 1, (False, True): 2, (False, False): 3}
    times = {
        f"{name}_{count}": fixed(getattr(found, field), 2)
        for count, found in (("few", few), ("many", many))
        for name, field in (("class", "speciation"), ("image", "collapse"))
    }
    words = times | {"few": number(measured.FEW), "many": number(measured.MANY)}
    words["theory"] = fixed(many.speciation_theory, 2)
    return Truth((float(option[moved[0], moved[1]]), many.speciation), words)


def _held_out() -> Truth:
    exact, small = (measured.errors(name, held_out=True)[-2:] for name in ("whole", "three"))
    options = [float(e > s) for e, s in zip(exact.tolist(), small.tolist(), strict=True)]
    names = (f"{model}_{at}" for model in ("exact", "small") for at in ("late", "early"))
    values = torch.cat([exact, small]).tolist()
    words = {name: fixed(value, 3) for name, value in zip(names, values, strict=True)}
    own = measured.errors("whole", held_out=False)[-1]
    return Truth(tuple(options), words | {"own": number(float(own), 1)})


def _halves() -> Truth:
    found = [measured.alike(each, "three") for each in measured.EACH]
    options = tuple(0.0 if mean.value > measured.ALIKE else 1.0 for mean in found)
    exact = measured.alike(measured.EACH[1], "whole").value
    words = {name: fixed(mean.value, 2) for name, mean in zip(("few", "many"), found, strict=True)}
    return Truth(options, words | {"exact": fixed(exact, 2), "n": number(measured.EACH[1])})


def _vanishing() -> Truth:
    images, moons = (measured.target_share(name) for name in ("images", "moons"))
    option = 0.0 if images > moons else 2.0 if images < measured.TENTH * moons else 1.0
    words = {"images": percent(images, 2), "moons": percent(moons, 2)}
    return Truth((option,), words | {"n": number(measured.COUNT)})


def listed(shares: Sequence[float] | Tensor, digits: int = 3) -> str:
    """Shares as percentages."""
    return ", ".join(percent(float(share), digits) for share in shares)


def plain(weights: Sequence[float]) -> str:
    """Weights with three digits."""
    return ", ".join(number(weight) for weight in weights)


_TRUTHS: tuple[Callable[[], Truth], ...] = (
    _carried, _gradually, _differentiated, _denser, _any_prior, _superposed, _averaged, _one_lens,
    _tangled, _few_steps, _undecided, _invented, _decided, _held_out, _halves, _vanishing,
)  # fmt: skip


@shared_cache(maxsize=16)
def truth(step: int) -> Truth:
    """The answer of a step, from 1."""
    return _TRUTHS[step - 1]()
