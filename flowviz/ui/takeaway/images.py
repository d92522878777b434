"""What the page Images gives away: its generated images, and a script that makes them again."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from flowviz.core.images import ShrinkingWindow
from flowviz.core.images.memorising import nearest
from flowviz.scene import Scene
from flowviz.scene.settings import ImageWindow
from flowviz.ui.images import compute, own

Arrays = dict[str, NDArray[Any]]

_SCRIPT = """{heading}from pathlib import Path

import numpy as np
import torch

from flowviz.core.images import ShrinkingWindow, WindowField, digits
from flowviz.core.solvers import SOLVERS, solve
from flowviz.core.solvers.vector_fields import VelocityField

{data}


def window(side):
    return WindowField(x0, torch.ones(len(x0)), (8, 8), side)


velocity = {velocity}
noise = torch.Generator().manual_seed({seed})
x1 = torch.randn({draws}, 64, generator=noise, dtype=torch.float64)
t = torch.linspace(1.0, 0.0, {times}, dtype=torch.float64)
x = solve(SOLVERS["multistep"], VelocityField(velocity, 64, velocity.schedule), x1, t).x
found = {{"t": t.numpy(), "x": x.numpy(), "images": x0.numpy()}}

np.savez(Path(__file__).with_suffix(".npz"), **found)
for name, values in found.items():
    print(name, tuple(np.shape(values)))
"""
_DIGITS = """images, _ = digits()
order = torch.randperm(len(images), generator=torch.Generator().manual_seed({seed}))
x0 = images[order][:{count}]"""
_OWN = """levels = {levels!r}
digits_of = [[int(digit, 16) for digit in image] for image in levels]
x0 = 2.0 * torch.tensor(digits_of, dtype=torch.float64) / 15 - 1.0"""


def window_of(scene: Scene) -> ImageWindow:
    """The window whose images are given away: the chosen one where there is a choice."""
    return scene.image_window if scene.image_topic == "windows" else "whole"


def images_of(scene: Scene) -> Tensor:
    """The training images, (N, 64)."""
    if scene.image_topic == "own":
        return own.tensor(scene.image_own)
    return compute.used(scene.image_count).x0


def arrays(scene: Scene) -> Arrays:
    """Samples along time, the training images, and the nearest of these to each sample."""
    x0, seed = images_of(scene), scene.image_seed
    if scene.image_topic == "own":
        x = own.paths(scene.image_own, "whole", seed)
    else:
        x = compute.made(scene.image_count, window_of(scene), seed).x
    found = nearest(x[:, -1], x0)
    return {
        "t": compute.TIMES.numpy(),
        "x": x.numpy(),
        "images": x0.numpy(),
        "nearest": found.index.numpy(),
        "distance": found.first.numpy(),
        "second": found.second.numpy(),
    }


def samples(found: Arrays, scene: Scene) -> Arrays:
    """A row for each sample: the nearest training image, the distance, that to the second."""
    pixels = {f"pixel_{k}": found["x"][:, -1, k] for k in range(found["x"].shape[2])}
    return {
        "sample": np.arange(1, len(found["x"]) + 1),
        "nearest_image": found["nearest"] + 1,
        "distance": found["distance"],
        "second_distance": found["second"],
        **pixels,
    }


def script(scene: Scene, heading: str) -> str:
    """The source of a script with the samples, the times and the training images.

    Args:
        scene: what the page shows.
        heading: lines of a comment at the top.
    """
    data = _DIGITS.format(seed=compute.SHUFFLE, count=scene.image_count)
    if scene.image_topic == "own":
        data = _OWN.format(levels=scene.image_own.split("."))
    return _SCRIPT.format(
        heading=heading,
        data=data,
        velocity=_velocity(scene),
        seed=scene.image_seed,
        draws=compute.DRAWS,
        times=compute.STEPS + 1,
    )


def _velocity(scene: Scene) -> str:
    name = window_of(scene)
    if name != "shrinking":
        return f"window({compute.SIDES[name]})"
    field = compute.window_field(scene.image_count, name)
    assert isinstance(field, ShrinkingWindow)
    windows = ", ".join(f"window({one.window})" for one in field.fields)
    return f"ShrinkingWindow([{windows}], {list(field.until)!r})"
