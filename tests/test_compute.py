"""Results are computed once for all visitors, and again only when their inputs change."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings

from flowviz.core import checks
from flowviz.core.schedules import SCHEDULES
from flowviz.core.transport import trajectories
from flowviz.scene import Scene
from flowviz.scene.points import Points
from flowviz.ui import line_density
from flowviz.ui.fan import compute
from flowviz.ui.session.axis_range import axis_range
from flowviz.ui.session.keys import flow_key
from tests.elements import MOST, Elements
from tests.scenes import crowd, scenes
from tests.test_pages import LINE_PRIORS
from tests.visitor import Visitor

Work = Counter[str]
_fresh = iter(range(1, 10_000))


def fresh(**changes: Any) -> Scene:
    """A scene nobody has asked for before."""
    return Scene(points=Points((0.1, 1.0 + next(_fresh) * 1e-4), (1.0, 2.0)), **changes)


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Work:
    """Counts what costs time: flows solved, densities summed, checks measured."""
    count: Work = Counter()
    lock = threading.Lock()

    def counted(name: str, do: Callable[..., Any]) -> Callable[..., Any]:
        def counting(*args: Any, **named: Any) -> Any:
            with lock:
                count[name] += 1
            time.sleep(0.05)  # long enough for another visitor to come in the middle
            return do(*args, **named)

        return counting

    monkeypatch.setattr(compute, "straight_fan", counted("solved", compute.straight_fan))
    monkeypatch.setattr(line_density, "cell_density", counted("summed", line_density.cell_density))
    monkeypatch.setattr(checks, "mass", counted("checked", checks.mass))
    return count


def quiet(_: float) -> None:
    """Nobody listens."""


def everything(scene: Scene) -> None:
    """All that a page asks for."""
    compute.density(scene, compute.FULL, quiet)
    compute.fan(scene, 8)
    compute.check(scene)


ONCE = {"solved": 1, "summed": 1, "checked": 1}


@pytest.mark.parametrize("schedule", [name for name in SCHEDULES if name != "linear"])
def test_a_schedule_is_a_change_of_time_and_solves_nothing_again(work: Work, schedule: str) -> None:
    scene = fresh()
    compute.fan(scene, 8)
    seen = compute.trajectories(scene.with_(schedule=schedule))
    assert work["solved"] == 1
    straight = trajectories(
        scene.with_(schedule=schedule).field(), seen.x[:, -1], seen.t[[0, 20, -1]]
    )
    assert torch.allclose(seen.x[:, [0, 20, -1]], straight.x, rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    "changes",
    [
        {"time": 0.1},
        {"speed": 2.0},
        {"probe": (0.5, 1.0)},
        {"lang": "zh"},
        {"large": True},
        {"color": "x1"},
        {"heatmap": False},
        {"fan": False},
    ],
    ids=str,
)
def test_a_change_of_style_computes_nothing(work: Work, changes: dict[str, Any]) -> None:
    scene = fresh()
    everything(scene)
    assert work == ONCE
    everything(scene.with_(**changes))
    assert work == ONCE


@pytest.mark.parametrize("changes", [{"trajectories": 7}, {"launch": "probability"}], ids=str)
def test_other_trajectories_leave_the_density_as_it_was(
    work: Work, changes: dict[str, Any]
) -> None:
    scene = fresh()
    everything(scene)
    everything(scene.with_(**changes))
    assert work["summed"] == 1
    assert work["solved"] == 2


@pytest.mark.parametrize(
    "changes",
    [{"points": "0.3, 0.9*5"}, {"prior": "gaussian"}, {"prior_params": {"high": 3.0}}],
    ids=str,
)
def test_another_flow_is_another_picture(work: Work, changes: dict[str, Any]) -> None:
    scene = fresh()
    before = compute.density(scene, compute.QUICK, quiet), compute.fan(scene, 8)
    after = (
        compute.density(scene.with_(**changes), compute.QUICK, quiet),
        compute.fan(scene.with_(**changes), 8),
    )
    assert not np.array_equal(before[0].p, after[0].p, equal_nan=True)
    assert not np.array_equal(before[1].x, after[1].x)


def test_two_visitors_share_one_computation(work: Work) -> None:
    query = fresh().to_query()
    first, second = Visitor(query=query), Visitor(query=query)
    assert first.picture == second.picture
    assert work == ONCE | {"summed": 2}  # the cells of a drag, too, for the colour scale


def test_simultaneous_visitors_share_one_computation(work: Work) -> None:
    scene = fresh()
    start = threading.Barrier(6)

    def come() -> None:
        start.wait()
        everything(scene)

    visitors = [threading.Thread(target=come) for _ in range(6)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    assert work == ONCE


def test_a_computation_that_failed_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = fresh()
    with monkeypatch.context() as broken:
        broken.setattr(line_density, "cell_density", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            compute.density(scene, compute.QUICK, quiet)
    assert np.isfinite(compute.density(scene, compute.QUICK, quiet).p).any()


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(scenes())
def test_the_view_contains_all_data_and_most_of_the_prior(scene: Scene) -> None:
    low, high = axis_range(flow_key(scene, "line"))
    assert low < min(scene.points.x) <= max(scene.points.x) < high
    prior = scene.prior_object()
    ends = torch.tensor([low, high], dtype=torch.float64)
    assert float(prior.cdf(ends[1]) - prior.cdf(ends[0])) >= 0.9 - 1e-9
    assert np.isfinite([low, high]).all()


def test_the_view_holds_every_bell_of_a_mixture() -> None:
    bells = {"means": (-10.0, 0.0, 10.0), "scales": (0.01,) * 3, "weights": (0.2, 0.6, 0.2)}
    low, high = axis_range(Scene(prior="gaussian_mixture", prior_params=bells))  # pyright: ignore
    assert low < -10 < 10 < high


@pytest.mark.parametrize("prior", LINE_PRIORS)
def test_the_view_stays_while_a_point_moves_a_little(prior: str) -> None:
    def seen(x: float) -> tuple[float, ...]:
        return axis_range(Scene(points=Points((0.4, x), (1.0, 1.0)), prior=prior))

    views = [seen(0.6 + 0.004 * k) for k in range(50)]
    assert len(set(views)) <= 8


def test_two_thousand_points_tell_how_far_they_are() -> None:
    scene = Scene(points=crowd(2_000).shareable(), prior="gaussian")
    shares: list[float] = []
    with Elements() as count:

        def heard(done: float) -> None:
            count.report(done)
            shares.append(done)

        compute.density(scene, compute.FULL, heard)
    assert shares == sorted(shares)
    assert len(shares) >= 8
    assert 0 <= shares[0] < 0.3
    assert shares[-1] == pytest.approx(1.0)
    assert count.longest <= MOST


def test_arrows_are_drawn_where_the_density_is_positive() -> None:
    scene = fresh(arrows=True)
    t, x = compute.arrows(scene)
    feet = np.nanmean(np.stack([t, x]).reshape(2, -1, 6)[:, :, :2], axis=2)
    p = [
        float(scene.field().log_prob(torch.tensor([[x]], dtype=torch.float64), torch.tensor(t)))
        for t, x in feet.T
    ]
    assert np.isfinite(p).all()
    assert len(p) > 50


@pytest.mark.parametrize("prior", LINE_PRIORS)
def test_the_priors_curve_integrates_to_what_the_view_holds(prior: str) -> None:
    scene = Scene(prior=prior)
    x, p = compute.prior_curve(scene)
    law = scene.prior_object()
    ends = torch.tensor([x[0], x[-1]], dtype=torch.float64)
    held = float(law.cdf(ends[1]) - law.cdf(ends[0]))
    finite = np.where(np.isfinite(p), p, 0.0)
    assert np.all(p >= 0)
    if prior != "arcsine":  # its density is infinite at the ends
        assert float(np.trapezoid(finite, x)) == pytest.approx(held, abs=5e-3)


@pytest.mark.parametrize("prior", LINE_PRIORS)
@pytest.mark.parametrize("trajectories", [37, 38])
def test_no_trajectory_that_is_drawn_leaves_the_flow(prior: str, trajectories: int) -> None:
    # With the article's weights one of 37 starts exactly between two basins.
    scene = Scene(prior=prior, trajectories=trajectories)
    shown = compute.fan(scene, 8)
    field = scene.field()
    for j in range(1, len(shown.t), 6):
        x, t = torch.from_numpy(shown.x[:, j]), torch.tensor(shown.t[j])
        near = 1e-9 * (1 + x.abs())
        p = torch.stack([field.log_prob((x + by)[:, None], t) for by in (-near, 0 * near, near)])
        assert torch.isfinite(p.amax(0)).all(), (t, x[~torch.isfinite(p.amax(0))])
