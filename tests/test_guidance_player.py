"""The player of Guidance in the plane: what it moves, and the time at which it rests."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from flowviz.figures import guidance as figures
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.scene.labelling import EXAMPLE
from flowviz.ui.guidance import compute
from flowviz.ui.session.axis_range import axis_range
from tests.block_reader import read
from tests.visitor import ROOT, Visitor

pytestmark = pytest.mark.usefixtures("small_pages")

PAGE = ROOT / "pages" / "guidance.py"
PLANE = Scene(space="plane", plane_prior="gaussian", time=0.4).with_(**EXAMPLE)


def content(visitor: Visitor) -> dict[str, Any]:
    return read(visitor.component("guidance").bytes)


def test_what_moves_are_the_samples_of_the_guided_flow() -> None:
    scene = PLANE.with_(guidance_scale=0.0)  # at which both classes are reached
    visitor = Visitor(PAGE, scene.to_query("guidance"))
    motion, setup = content(visitor)["motion"], compute.setup_of(scene)
    found = compute.picture(setup, scene.guidance_lines)
    assert len(set(found.label.tolist())) == 2
    assert (motion["time"], motion["speed"]) == (0.4, 1)
    flow = motion["flow"]
    nodes = np.asarray(flow["nodes"])
    assert nodes[0] == 0.0
    assert nodes[-1] == 1.0
    assert (np.diff(nodes) > 0).all()
    low_x, high_x, low_y, high_y = flow["view"]
    assert tuple(flow["view"]) == axis_range(setup.flow)
    low, span = np.array([low_x, low_y]), np.array([high_x - low_x, high_y - low_y])
    codes = np.asarray(flow["tracks"]).reshape(-1, len(nodes), 2)
    shown = low + (2.0 * codes / 65535 - 0.5) * span
    x = found.x[: len(codes), ::-1]
    inside = (np.abs(x - low - 0.5 * span) < 0.9 * span).all(-1)
    assert inside.mean() > 0.9
    assert np.abs(shown - x)[inside].max() < 1e-4 * span.max()
    for q in range(len(codes)):
        colour = motion["style"]["basins"][flow["colour"][q]]
        assert colour == figures.class_colour(int(found.label[q]), Style())


def test_on_the_line_time_is_an_axis_and_nothing_is_played() -> None:
    visitor = Visitor(PAGE, PLANE.with_(space="line").to_query("guidance"))
    assert content(visitor)["motion"] is None


def test_where_it_rests_is_the_time_of_density_and_velocities() -> None:
    scene = PLANE.with_(plane_probe=(0.4, 0.3, 0.2))
    visitor = Visitor(PAGE, scene.to_query("guidance"))
    for rev, (t, kept) in enumerate(
        ((0.7, 0.7), (1.2, 0.7), ("0.1", 0.7), (True, 0.7), (float("nan"), 0.7), (None, 0.7),
         (0.25, 0.25))
    ):  # fmt: skip
        sent = {"op": "time", "t": t, "rev": rev + 1, "session": content(visitor)["session"]}
        visitor.app.session_state["guidance"] = {"edit": sent}
        visitor.run()
        assert visitor.scene.time == kept, t
        assert content(visitor)["motion"]["time"] == kept
        assert f"t = {kept}" in " ".join(visitor.words())


def test_degrees_of_freedom_are_set_here_from_gravity_to_nearly_a_bell() -> None:
    visitor = Visitor(PAGE, PLANE.with_(plane_prior="student_t_2d").to_query("guidance"))
    before = content(visitor)["motion"]["flow"]["tracks"]
    visitor.set("plane_prior.student_t_2d.df", 1.0)
    assert dict(visitor.scene.plane_prior_params)["df"] == 1.0
    assert content(visitor)["motion"]["flow"]["tracks"].tolist() != before.tolist()
