"""Trajectories are drawn at enough times: no chord is seen beside the curve."""

from __future__ import annotations

import numpy as np
import pytest

from flowviz.scene import Scene
from flowviz.scene.formula import Typed
from flowviz.ui.fan import compute as fan
from flowviz.ui.green import compute as green
from flowviz.ui.solvers import compute as solvers

PIXEL = 1 / 400  # of the picture
WAVE = Typed("forward", "(1-t)*x0 + t*x1 + 0.3*sin(8*pi*t)")


def gap(t: np.ndarray, between: int = 9) -> float:
    """The largest distance of 0.3 sin(8πt) from its chords between these times."""
    inner = np.linspace(0, 1, between + 2)[1:-1]
    fine = (t[:-1, None] + inner * np.diff(t)[:, None]).ravel()
    chords = np.interp(fine, t, 0.3 * np.sin(8 * np.pi * t))
    return float(np.abs(chords - 0.3 * np.sin(8 * np.pi * fine)).max())


def test_a_family_that_oscillates_is_no_polygon() -> None:
    scene = Scene(family="formula", formula=WAVE, trajectories=12)
    point = green.point_key(scene, "green_lines")
    found = {
        "fan": fan.trajectories(scene).t.numpy(),
        "green": green.family_trajectories(point).t,
        "query": green.query_trajectory(green.query_key(scene)).t,
    }
    for name, t in found.items():
        extent = 2.5  # the picture is at least that high
        assert gap(t) < PIXEL * extent, name


@pytest.mark.parametrize("family", ["affine", "parabola", "wave"])
def test_given_families_cost_no_more(family: str) -> None:
    scene = Scene(family=family, trajectories=37)  # pyright: ignore[reportArgumentType]
    assert len(fan.trajectories(scene).t) == 120
    assert len(green.family_trajectories(green.point_key(scene, "green_lines")).t) == green.NODES
    setup = solvers.setup_of(scene)
    assert len(solvers._exact(setup.flow, 5)[0].t) == solvers.NODES
