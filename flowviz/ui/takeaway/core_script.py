"""A script that computes a page's arrays with ``flowviz.core``: the page's own calls, as source.

Values are written by `core.training.export.source`, a formula as a text literal that its parser
reads: nothing that a visitor typed becomes code.
"""

from __future__ import annotations

from collections.abc import Callable

from flowviz.core.field import MarginalField
from flowviz.core.solvers.time_grids import TimeGrid
from flowviz.core.training.export import comment, flow_source, imports, source
from flowviz.scene import Scene
from flowviz.ui.couplings import compute as couplings
from flowviz.ui.curve_nodes import curve_nodes
from flowviz.ui.fan import compute as fan
from flowviz.ui.green import compute as green
from flowviz.ui.guidance import compute as guidance
from flowviz.ui.learn import compute as learn
from flowviz.ui.plane import compute as plane
from flowviz.ui.session.axis_range import AxisRange, axis_range
from flowviz.ui.session.keys import flow_key
from flowviz.ui.solvers import compute as solvers
from flowviz.ui.takeaway.arrays import flow_space
from flowviz.ui.takeaway.core_lines import (
    CORE,
    DRAWN,
    Lines,
    node_times,
    trajectory_arrays,
)

_TRAJECTORIES = f"{CORE}.transport.trajectories"

_SCRIPT = """{heading}from pathlib import Path

import numpy as np
import torch

{imports}

{flow}

{body}

np.savez(Path(__file__).with_suffix(".npz"), **found)
for name, values in found.items():
    print(name, tuple(np.shape(values)))
"""


def core_script(page: str, scene: Scene, heading: str) -> str:
    """The source of a script with the page's arrays.

    Args:
        page: its name.
        scene: what it shows.
        heading: lines of a comment at the top.
    """
    lines = Lines()
    shown = green.single_point_flow(scene) if page == "green" else None
    flow = _flow(page, scene)
    points = flow.x0 if shown is None else shown.x0
    weights = flow.weights if shown is None else points.new_ones(1)
    _BODIES[page](scene, lines)
    lines.saved |= {"points": "x0.squeeze(-1)", "weights": "weights"}
    prior = source(flow.prior, lines.needed)
    path = _path(source(flow.path, lines.needed), shown is not None)
    return _SCRIPT.format(
        heading=comment(heading),
        flow=flow_source(points, weights, prior, path),
        imports=imports(lines.needed),
        body=lines.body,
    )


def _flow(page: str, scene: Scene) -> MarginalField:
    """The page's flow of many points; Couplings has straight lines whatever the family."""
    if page == "couplings":
        scene = couplings.flow_key(scene)
    return scene.field(flow_space(page, scene))


def _path(text: str, single: bool) -> str:
    return f"extended({text}, prior, x0)" if single else text


def _on_separatrices(lines: Lines) -> None:
    lines.use(f"{CORE}.transport.separatrices", "with_separatrices")
    lines.code.append("flow = with_separatrices(field, flow)")


# ---------------------------------------------------------------------- the pages


def _fan(scene: Scene, lines: Lines) -> None:
    low, high = axis_range(flow_key(scene, "line", schedule=False))
    nodes = fan.node_count(scene, quick=False)
    lines.use(f"{CORE}.transport", "launch")
    view = f"({low!r}, {high!r})"
    lines.code.append(f"x1 = launch(prior, {scene.trajectories}, {scene.launch!r}, {view})")
    node_times(lines, nodes, fan.POWER)
    if scene.path().affine_schedule is not None:
        lines.use(f"{CORE}.transport", "on_schedule", "straight_fan")
        lines.code.append(
            "flow = on_schedule(straight_fan(field, x1[:, 0], t), path.affine_schedule)"
        )
    else:
        lines.use(_TRAJECTORIES, "sorted_trajectories")
        lines.code.append(f"flow, _ = sorted_trajectories(field, x1, t, budget={fan.BUDGET!r})")
    _on_separatrices(lines)
    trajectory_arrays(lines, "flow")
    _cells(lines, axis_range(flow_key(scene, "line")), fan.cells(scene, quick=False))


def _cells(lines: Lines, view: AxisRange, cells: tuple[int, int]) -> None:
    """The density on the line as a picture has it."""
    lines.use(f"{CORE}.field.cells", "cell_density")
    (low, high), (t, x) = view[:2], cells
    lines.code += [
        f"at = (torch.arange({t}, dtype=torch.float64) + 0.5) / {t}",
        f"cells = (torch.arange({x}, dtype=torch.float64) + 0.5) / {x}",
        f"cells = {low!r} + {high - low!r} * cells",
    ]
    lines.saved |= {"density_t": "at", "density_x": "cells"}
    lines.saved["density"] = "cell_density(field, cells, at)"


def _plane(scene: Scene, lines: Lines) -> None:
    flow, detail = plane.trajectories_key(scene), plane.FULL
    exact = scene.field("plane")
    count = min(scene.plane_particles, plane.trajectory_count(exact, detail))
    drawn = f"prior.sample({scene.plane_particles}, 2, {DRAWN})"
    lines.code.append(f"x1 = {drawn}[:{count}]")
    node_times(lines, len(plane.node_times(flow)), 2)
    limits = f"{plane.tolerance(exact, detail)!r}, budget={detail.budget!r}"
    if plane.has_schedule(scene):
        lines.use(f"{CORE}.transport", "on_schedule", "straight_fan")
        lines.code.append(f"straight = straight_fan(field, x1, t, {limits})")
        lines.code.append("flow = on_schedule(straight, path.affine_schedule)")
    else:
        lines.use(f"{CORE}.transport", "trajectories")
        lines.code.append(f"flow = trajectories(field, x1, t, {limits})")
    trajectory_arrays(lines, "flow")
    frames, side = plane.affordable(flow_key(scene, "plane"), detail)
    _frames(lines, axis_range(flow_key(scene, "plane")), frames, side)
    lines.use(f"{CORE}.field.density_frames", "density_frames")
    single = ", single=True" if plane.in_single_precision(exact) else ""
    lines.saved["density"] = f"density_frames(field, (x, y), at{single}).float()"


def _frames(lines: Lines, view: AxisRange, frames: int, side: int) -> None:
    """Times and cells of the density in the plane."""
    low_x, high_x, low_y, high_y = view
    lines.code += [
        f"at = (torch.arange({frames}, dtype=torch.float64) + 1.0) / {frames}",
        f"cells = (torch.arange({side}, dtype=torch.float64) + 0.5) / {side}",
        f"x = {low_x!r} + {high_x - low_x!r} * cells",
        f"y = {low_y!r} + {high_y - low_y!r} * cells",
    ]
    lines.saved |= {"density_t": "at", "density_x": "x", "density_y": "y"}


def _green(scene: Scene, lines: Lines) -> None:
    key = green.point_key(scene, "green_lines")
    t = green.family_trajectories(key).t
    lines.use(f"{CORE}.paths.extension", "extended")
    if scene.space == "line":
        lines.use(f"{CORE}.transport", "launch")
        lines.code.append(f"x1 = launch(prior, {scene.green_lines})")
    else:
        lines.code.append(f"x1 = prior.sample({scene.green_lines}, 2, {DRAWN})")
    node_times(lines, len(t), 1.5)
    lines.code += [
        "pairs = x1.repeat_interleave(len(t), 0)",
        "x = path.forward(pairs, x0, t.repeat(len(x1)))[:, 0]",
    ]
    lines.saved |= {"t": "t", "x": "x.reshape(len(x1), len(t), -1).squeeze(-1)"}
    lines.saved["reached"] = "np.zeros(len(x1), dtype=int)"
    if scene.space == "line":
        _cells(lines, green.picture_range(green.point_key(scene)), green.CELLS)


def _learn(scene: Scene, lines: Lines) -> None:
    flow = learn.exact_key(scene)
    view, starts = learn.stage(flow).view, learn.STARTS[scene.space]
    limits = f"{learn.TOLERANCE!r}, budget={learn.BUDGET!r}"
    if scene.space == "line":
        lines.use(f"{CORE}.transport", "launch")
        lines.use(_TRAJECTORIES, "sorted_trajectories")
        lines.code.append(f'x1 = launch(prior, {starts}, "steps", {(view[0], view[1])!r})')
        found = f"flow, _ = sorted_trajectories(field, x1, t, {limits})"
    else:
        lines.use(f"{CORE}.transport", "trajectories")
        lines.code.append(f"x1 = prior.sample({starts}, 2, {DRAWN})")
        found = f"flow = trajectories(field, x1, t, {limits})"
    node_times(lines, learn.NODES, 2)
    lines.code.append(found)
    _on_separatrices(lines)
    trajectory_arrays(lines, "flow")


def _solvers(scene: Scene, lines: Lines) -> None:
    setup, method = solvers.setup_of(scene), solvers.method_of(scene)
    if scene.space == "line":
        lines.use(f"{CORE}.transport", "launch")
        lines.code.append(f'x1 = launch(prior, {scene.solver_lines}, "probability")')
    else:
        lines.code.append(f"x1 = prior.sample({scene.solver_lines}, 2, {DRAWN})")
    node_times(lines, curve_nodes(setup.flow, setup.flow.space, solvers.NODES, 2.0), 2)
    lines.use(f"{CORE}.solvers.convergence", "reference_trajectories")
    lines.use(f"{CORE}.solvers", "SOLVERS")
    lines.use(f"{CORE}.solvers.vector_fields", "vector_field_of")
    lines.code += [
        "flow, index = reference_trajectories(field, x1, t)",
        f"solver = SOLVERS[{method.name!r}]",
        "velocity = vector_field_of(field)",
    ]
    if method.solver.adaptive:
        _adaptive(lines, method.tolerance, setup.grid)
    else:
        _in_steps(lines, setup.grid.times(method.steps), fitted=method.solver.fitted)
    _on_separatrices(lines)
    trajectory_arrays(lines, "flow")
    lines.saved |= {"step_t": "solution.t", "step_x": "solution.x.squeeze(-1)"}


def _adaptive(lines: Lines, tolerance: float, grid: TimeGrid) -> None:
    lines.use(f"{CORE}.solvers.adaptive", "solve_adaptively")
    ends = f"(1.0, {grid.end!r}), {grid.last!r}"
    lines.code.append(
        f"solution = solve_adaptively(solver, velocity, x1[index], {tolerance!r}, {ends})"
    )


def _in_steps(lines: Lines, times: tuple[float, ...], *, fitted: bool) -> None:
    lines.use(f"{CORE}.solvers", "solve")
    lines.code.append(f"times = {times!r}")
    more = ""
    if fitted:
        lines.use(f"{CORE}.solvers.convergence", "calibration_set")
        lines.code.append("fractions = calibration_set(field, [times]).fit(velocity, times)")
        more = ", fractions"
    lines.code.append(f"solution = solve(solver, velocity, x1[index], times{more})")


def _couplings(scene: Scene, lines: Lines) -> None:
    name, count = scene.coupling, scene.coupling_lines
    if name not in couplings.WITH_FLOW:
        batches = couplings.drawn_batches(count, scene.coupling_batch)
        lines.use(f"{CORE}.couplings", "minibatch_pairs")
        drawn = f"torch.Generator().manual_seed({couplings.BATCH_SEED})"
        lines.code += [
            f"pairs = minibatch_pairs(field, {scene.coupling_batch}, {batches}, {drawn})",
            f"paired, x1 = pairs.index[:{count}], pairs.x1[:{count}]",
            "t = np.array([0.0, 1.0])",
        ]
        x = "torch.stack([x0[paired], x1], dim=1).squeeze(-1)"
        lines.saved |= {"t": "t", "x": x, "reached": "paired", "paired": "paired"}
        return
    lines.use(f"{CORE}.couplings", "COUPLINGS")
    lines.use(f"{CORE}.transport", "trajectories")
    lines.code.append(f"field = field.coupled(COUPLINGS[{name!r}]())")
    if scene.space == "line":
        lines.use(f"{CORE}.transport", "launch")
        lines.code.append(f'x1 = launch(prior, {count}, "probability")')
    else:
        lines.code.append(f"x1 = prior.sample({count}, 2, {DRAWN})")
    node_times(lines, couplings.NODES, 2)
    limits = f"{couplings.TOLERANCE!r}, budget={couplings.FOLLOWED!r}"
    lines.code += [
        f"flow = trajectories(field, x1, t, {limits})",
        f"drawn = torch.Generator().manual_seed({couplings.PAIR_SEED})",
        "x1 = x1[: len(flow.x)]",
        "paired = field.conditional_priors.draw(",
        "    x1, torch.rand(len(x1), generator=drawn, dtype=x1.dtype)",
        ")",
    ]
    trajectory_arrays(lines, "flow")
    lines.saved["paired"] = "paired"


def _guidance(scene: Scene, lines: Lines) -> None:
    setup = guidance.setup_of(scene)
    labels = guidance.points_of(scene).labels or (0,) * len(guidance.points_of(scene))
    guide, n = setup.followed, guidance.count(setup.labelled)
    lines.use(f"{CORE}.guidance", "Guide", "LabelledField", "guided_flow")
    lines.code += [
        f"labels = torch.tensor({labels!r})",
        "labelled = LabelledField(x0, weights, labels, prior, path)",
        f"guide = Guide({guide.y!r}, {guide.scale!r}, {guide.interval!r})",
    ]
    if scene.space == "line":
        levels = guidance.drawn_levels(n, scene.guidance_lines)
        lines.code.append(f"q = torch.tensor({levels!r}, dtype=torch.float64)")
        lines.code.append("x1 = prior.icdf(q)[:, None]")
    else:
        lines.code.append(f"x1 = prior.sample({n}, 2, {DRAWN})")
        rows_drawn = guidance.drawn_rows(n, scene.guidance_lines).tolist()
        lines.code.append(f"x1 = x1[{rows_drawn!r}]")
    steps = guidance.steps_of(setup.labelled)
    lines.code.append(f"flow = guided_flow(labelled, guide, x1, {steps})")
    lines.saved |= {"t": "flow.t.flip(0)", "x": "flow.x.flip(1).squeeze(-1)", "labels": "labels"}


_BODIES: dict[str, Callable[[Scene, Lines], None]] = {
    "fan": _fan,
    "plane": _plane,
    "green": _green,
    "learn": _learn,
    "solvers": _solvers,
    "couplings": _couplings,
    "guidance": _guidance,
}
