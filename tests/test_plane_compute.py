"""The Plane page's numbers: results shared by schedules, limits, exact facts."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from flowviz.core import checks
from flowviz.core.schedules import SCHEDULES
from flowviz.core.transport import straight_fan
from flowviz.scene import Scene
from flowviz.scene.formula import Typed
from flowviz.scene.parameters import PLANE_FAMILY, PLANE_PRIOR
from flowviz.scene.points import PlanePoints
from flowviz.ui.browser import codec
from flowviz.ui.plane import basins, compute
from flowviz.ui.plane import checks as plane_checks
from flowviz.ui.plane import view as plane_view
from flowviz.ui.session import valid_family
from flowviz.ui.session.axis_range import axis_range
from flowviz.ui.session.keys import flow_key
from tests.block_reader import read

FEW = Scene(plane_particles=40)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_no_schedule_moves_an_end(schedule):
    scene = FEW.with_(schedule=schedule)
    assert compute.ends_moved(scene)[0] == 0
    shown, line = compute.trajectories(scene, compute.FULL), compute.straight(scene, compute.FULL)
    data = torch.tensor(scene.plane_points.rows, dtype=torch.float64)[:, :2]
    assert torch.equal(shown.x[:, 0], data[line.basin])
    assert torch.equal(shown.x[:, -1], line.x1)


@pytest.mark.parametrize("prior", PLANE_PRIOR.classes())
def test_the_view_holds_the_data_and_most_of_the_prior(prior):
    scene = Scene(plane_prior=prior, plane_points="(5, 1), (-3, 0.2)")  # pyright: ignore[reportArgumentType]
    low_x, high_x, low_y, high_y = axis_range(flow_key(scene, "plane"))
    assert high_x - low_x == pytest.approx(high_y - low_y)
    assert low_x < -3 < 5 < high_x
    start = compute.starting_positions(scene, 300)
    inside = (start > torch.tensor([low_x, low_y])) & (start < torch.tensor([high_x, high_y]))
    assert inside.all(-1).double().mean() > 0.9


@pytest.mark.parametrize("points", ["(1, 1)", "(2, 3), (2, 3), (2, 3)*5", "(1e6, 1), (1e6, 2)"])
@pytest.mark.parametrize("prior", ["gaussian", "uniform", "disk"])
def test_degenerate_points_make_a_picture(points, prior):
    scene = FEW.with_(plane_points=points, plane_prior=prior, plane_views=("basins", "density"))
    for detail in (compute.QUICK, compute.FULL):
        block = read(plane_view._block(scene, detail)[0])
        if "1e6" not in points:  # from there the prior is smaller than a cell
            assert block["density"].any()
            assert basins.codes(scene, hurry=detail is compute.QUICK).any()
        assert len(block["colour"]) > 0
    assert compute.ends_moved(scene)[0] == 0


def test_a_frame_is_the_fields_density():
    frames = compute.frames(FEW, compute.QUICK)
    low, high, *_ = axis_range(flow_key(FEW, "plane"))
    field, k, i, j = FEW.field("plane"), 11, 40, 22
    cells = compute.QUICK.cells
    at = low + (high - low) * (torch.tensor([[i, j]], dtype=torch.float64) + 0.5) / cells
    p = float(field.log_prob(at, float(frames.t[k])).exp())
    code = int(frames.codes[k, cells - 1 - j, i])
    assert code > 20
    assert (code - 0.5) / 255 * frames.scale_max[k] == pytest.approx(
        p, abs=0.01 * frames.scale_max[k]
    )


def test_the_figure_of_many_points_stays_within_three_megabytes():
    rng = np.random.default_rng(1)
    rows = [(*at, 1.0) for at in rng.normal(size=(400, 2)).round(2).tolist()]
    scene = Scene(plane_points=PlanePoints.of(rows).shareable(), plane_particles=2000)
    scene = scene.with_(plane_views=("density", "basins", "lines", "straight", "arrows"))
    block, name = plane_view._block(scene, compute.FULL)
    shown = basins.codes(scene)
    assert len(codec.pack({"flow": block})) + 512 * 512 < 3_000_000
    assert len(shown) <= 512
    quick, other = plane_view._block(scene, compute.QUICK)
    assert len(quick) < 300_000
    assert name != other


@pytest.mark.parametrize("prior", ["gaussian", "uniform", "disk"])
def test_a_fine_basin_map_is_what_following_every_cell_gives(prior):
    scene = FEW.with_(plane_prior=prior, plane_points="(0.5,0.2),(-1,1.5)*3,(1.4,-0.3)")
    coarse, fine = basins.codes(scene), basins.finer(scene, lambda _: None)
    assert fine is not None
    assert len(coarse) < len(fine) == 512
    # The finest that is known is shown from now on, whatever the hurry, and not sent again.
    assert (basins.codes(scene, hurry=True) == fine).all()
    assert basins.finer(scene, lambda _: None) is None
    field = scene.field("plane")
    some = np.random.default_rng(3).integers(0, 512, (3000, 2))
    middles = compute.middles(axis_range(flow_key(scene, "plane")), 512)
    x1 = torch.stack([middles[k][some[:, k]] for k in range(2)], dim=1)
    inside = (field.prior.log_prob(x1) > -torch.inf).numpy()
    ends = straight_fan(field, x1[inside], torch.zeros(1, dtype=torch.float64)).basin.numpy()
    shown = fine[511 - some[:, 1], some[:, 0]]
    assert (shown[~inside] == 0).all()
    # A cell whose middle is within a rounding of a border may fall to either side.
    assert (shown[inside] != ends + 1).sum() <= 1


@pytest.mark.parametrize("far", [1e4, 1e6])
@pytest.mark.parametrize("prior", ["gaussian", "laplace", "student_t", "ring"])
def test_distant_collinear_points_get_their_masses(prior, far):
    """The middle one is the mean: the first step may not carry everybody to it."""
    points = PlanePoints((0.0, far / 2, far), (0.0, far / 2, far), (1.0, 1.0, 1.0))
    found = compute.masses(FEW.with_(plane_prior=prior, plane_points=points))
    assert checks.basin_masses(found).ok


def test_a_map_that_is_overtaken_keeps_what_it_found():
    scene = FEW.with_(plane_points="(0.7,0.2),(-1.1,1.5)*3")

    def soon(heard: list[float]) -> Callable[[float], None]:
        def report(done: float) -> None:
            heard.append(done)
            if len(heard) > 40:
                raise InterruptedError

        return report

    with pytest.raises(InterruptedError):
        basins.finer(scene, soon([]))
    kept = basins.codes(scene)
    finest = basins.finer(scene, lambda _: None)
    assert finest is not None
    assert len(kept) < len(finest)


@pytest.mark.parametrize("prior", ["gaussian", "uniform", "laplace", "disk", "gaussian_mixture_2d"])
def test_the_checks_pass_on_what_is_shown(prior):
    scene = FEW.with_(plane_prior=prior)
    heard: list[float] = []
    measured = plane_checks.check(scene, heard.append)
    for name in ("mass", "continuity", "refinement", "masses"):
        assert getattr(measured, name).ok, name
    assert measured.moved == 0
    assert plane_checks.found(scene) is measured
    assert heard == sorted(heard)


FAMILIES = [name for name in PLANE_FAMILY.classes() if name not in {"affine", "formula"}]


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_is_drawn_and_followed_for_itself(family):
    scene = Scene(plane_family=family, plane_particles=12, schedule="vp")
    field = scene.field("plane")
    shown = compute.trajectories(scene, compute.QUICK)
    assert torch.equal(shown.x[:, 0], field.x0[shown.basin])
    # The line of the single data point is the family's own, and is where the particle ends.
    lonely = compute.single_point_trajectories(scene, shown, torch.arange(3))
    k = 20
    own = field.x0[shown.basin[:3]][:, None]
    there = field.path.forward(shown.x[:3, -1], own, shown.t[k].expand(3))[:, 0]
    assert torch.allclose(lonely[:, k], there)
    assert torch.allclose(lonely[:, -1], shown.x[:3, -1])
    assert torch.allclose(lonely[:, 0], shown.x[:3, 0], atol=1e-3)
    frames = compute.frames(scene, compute.QUICK)
    assert frames.codes.any()
    assert not frames.lost
    # A schedule belongs to the affine family alone.
    assert compute.trajectories(scene.with_(schedule="linear"), compute.QUICK) is shown


@pytest.mark.parametrize("family", ["swirl", "per_axis"])
def test_the_checks_pass_for_families_and_moved_ends_are_counted(family):
    measured = plane_checks.check(Scene(plane_family=family, plane_particles=60), lambda _: None)
    for name in ("mass", "continuity", "refinement", "masses"):
        assert getattr(measured, name).ok, name
    assert 0 < measured.moved < 60


def test_a_typed_family_that_makes_no_flow_is_named():
    wild = Typed(kind="forward", text="(1-t)*x0 + t*x1 + t*x0")
    scene = Scene(plane_family="formula", plane_formula=wild, plane_particles=10)
    assert valid_family.violation(scene, "plane") == "end"
    assert valid_family.violation(Scene(), "plane") == ""


def test_a_fine_picture_fits_its_time_whatever_a_cell_costs():
    for family, prior, n in (("affine", "ring", 400), ("squeeze", "gaussian", 4)):
        rows = [(0.01 * k, 0.02 * k, 1.0) for k in range(n)]
        scene = Scene(plane_family=family, plane_prior=prior, plane_points=PlanePoints.of(rows))
        frames, cells = compute.affordable(compute.trajectories_key(scene), compute.FULL)
        assert 16 <= frames < 60
        assert 32 <= cells < 128
    assert compute.affordable(compute.trajectories_key(Scene()), compute.FULL) == (60, 128)


def test_settings_of_style_do_not_affect_the_cache():
    one = compute.straight(FEW, compute.FULL)
    for other in (
        FEW.with_(schedule="vp", time=0.1, lang="zh"),
        FEW.with_(points="3", plane_views="basins", plane_scale="log", plane_probe="0.5,1,1"),
    ):
        assert compute.straight(other, compute.FULL) is one
