"""What the page Images gives away: the arrays of the topic that is on screen, and their tables.

A row of ``x`` is a sample. Of the times ``t``, 1 to 0, the last one is what was generated.

=====================  ==========================================================================
all with samples       ``x`` (Q, T, 64); ``sample``, its number (Q,); ``images`` (N, 64), the
                       training images; ``nearest`` (Q,) the index of the nearest of them,
                       ``distance`` and ``second`` (Q,), to it and to the second
what differs           ``window``, ``scale`` or ``network`` of each sample, (Q,)
the sample followed    ``denoised`` (T, 64), ``image_weight`` and ``class_weight`` (T,)
Exact flow             ``decided_t`` (K,), ``decided_class`` and ``decided_image`` (K, R)
Why?                   ``curve`` (C,), their names; ``t`` (T,) and ``error`` (C, T, R)
Training target        ``curve``, ``t``, and ``cosine``, ``variance``, ``square`` (C, T, R)
Networks               ``step``, ``loss`` (C, S), ``floor`` (C, 2) with its standard error
=====================  ==========================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from flowviz.core.images.memorising import nearest
from flowviz.scene import Scene
from flowviz.scene.settings import ImageWindow
from flowviz.ui.images import compute, learned, measures, own, tasks

Arrays = dict[str, NDArray[Any]]


def window_of(scene: Scene) -> ImageWindow:
    """The window of the sample that is followed: the chosen one where there is a choice."""
    if scene.image_topic == "own":
        return own.window_of(scene)
    return scene.image_window if scene.image_topic == "windows" else "whole"


def arrays(scene: Scene) -> Arrays:
    """The arrays of the scene's topic; the module's table has the names."""
    return _ARRAYS[scene.image_topic](scene)


def _samples(groups: Sequence[Tensor], images: Tensor, name: str, labels: Sequence[Any]) -> Arrays:
    """Samples (Q, T, 64) of several groups below each other, and the images nearest to them."""
    x, found = torch.cat(list(groups)), nearest(torch.cat([g[:, -1] for g in groups]), images)
    known = {
        "t": compute.TIMES.numpy(),
        "x": x.numpy(),
        "sample": np.concatenate([np.arange(1, len(group) + 1) for group in groups]),
        "images": images.numpy(),
        "nearest": found.index.numpy(),
        "distance": found.first.numpy(),
        "second": found.second.numpy(),
    }
    return known | {name: np.repeat(np.asarray(labels), [len(group) for group in groups])}


def _followed(scene: Scene) -> Arrays:
    window, seed, draw = window_of(scene), scene.image_seed, scene.image_draw - 1
    if scene.image_topic == "own":
        found = own.strip(scene.image_own, window, seed, draw)
    else:
        found = compute.strip(scene.image_count, window, seed, draw)
    known = {"denoised": found.mean.numpy()}
    if window == "whole":
        known |= {"image_weight": found.image.numpy(), "class_weight": found.label.numpy()}
    if scene.image_topic == "own":  # which has no classes
        known.pop("class_weight", None)
    return known


def _draws(scene: Scene) -> Arrays:
    count = scene.image_count
    made = compute.made(count, "whole", scene.image_seed)
    found = compute.decision(count).curves
    return {
        **_samples([made.x], compute.used(count).x0, "window", ["whole"]),
        **_followed(scene),
        "decided_t": found.t.numpy(),
        "decided_class": found.label.numpy(),
        "decided_image": found.image.numpy(),
    }


def _windows(scene: Scene) -> Arrays:
    count, seed = scene.image_count, scene.image_seed
    groups = [compute.made(count, window, seed).x for window in compute.WINDOWS]
    return _samples(groups, compute.used(count).x0, "window", compute.WINDOWS) | _followed(scene)


def _errors(scene: Scene) -> Arrays:
    found = dict(compute.errors(compute.measured_count(scene.image_count)))
    if (trained := learned.errors(scene)) is not None:
        found["network"] = trained
    return {
        "t": compute.ERROR_TIMES.numpy(),
        "curve": np.asarray(list(found)),
        "error": torch.stack(list(found.values())).numpy(),
    }


def _learned(scene: Scene) -> Arrays:
    halves = [compute.half(scene.image_count, which) for which in range(tasks.NETWORKS)]
    known = {f"images_{name}": half.x0.numpy() for name, half in zip("ab", halves, strict=True)}
    if (data := learned.result(scene)) is None:
        return known
    known |= {
        "step": data["curve0"][:, 0],
        "loss": np.stack([data[f"curve{k}"][:, 1] for k in range(tasks.NETWORKS)]),
        "floor": np.stack([data[f"floor{k}"] for k in range(tasks.NETWORKS)]),
    }
    ends = learned.generated_by(scene)
    near = [nearest(x, half.x0) for x, half in zip(ends, halves, strict=True)]
    return {
        **known,
        "t": np.zeros(1),
        "x": torch.cat(ends)[:, None].numpy(),
        "sample": np.tile(np.arange(1, len(ends[0]) + 1), len(ends)),
        "network": np.repeat(["a", "b"], len(ends[0])),
        "nearest": torch.cat([found.index for found in near]).numpy(),
        "distance": torch.cat([found.first for found in near]).numpy(),
        "second": torch.cat([found.second for found in near]).numpy(),
    }


def _guidance(scene: Scene) -> Arrays:
    kind = scene.image_guide
    label = scene.image_label if kind == "label" else 0
    found = measures.guided(scene.image_count, kind, label, scene.image_seed)
    images = compute.used(scene.image_count).x0
    return _samples([made.x for made in found], images, "scale", measures.SCALES[kind])


def _targets(scene: Scene) -> Arrays:
    found = measures.target_variance(scene.image_count)
    columns = {
        name: torch.stack([getattr(each, name) for each in found.values()]).numpy()
        for name in ("cosine", "variance", "square")
    }
    return {"t": measures.TARGET_TIMES.numpy(), "curve": np.asarray(list(found)), **columns}


def _own(scene: Scene) -> Arrays:
    groups = [
        own.generated(scene.image_own, window, scene.image_seed).x for window in compute.SIDES
    ]
    images = own.tensor(scene.image_own)
    return _samples(groups, images, "window", list(compute.SIDES)) | _followed(scene)


_ARRAYS: Mapping[str, Callable[[Scene], Arrays]] = {
    "draws": _draws,
    "windows": _windows,
    "errors": _errors,
    "learned": _learned,
    "guidance": _guidance,
    "targets": _targets,
    "own": _own,
}


# ---------------------------------------------------------------------- tables


def has_table(name: str, scene: Scene) -> bool:
    """Whether the topic has a table: ``samples`` or ``curves``; of networks once trained."""
    topic = scene.image_topic
    if topic == "learned":
        return learned.result(scene) is not None
    if name == "samples":
        return topic not in ("errors", "targets")
    return topic in ("draws", "errors", "targets")


def samples(found: Arrays, scene: Scene) -> Arrays:
    """A row for each sample: the nearest training image, the distance, that to the second."""
    what = next(name for name in ("window", "scale", "network") if name in found)
    pixels = {f"pixel_{k}": found["x"][:, -1, k] for k in range(found["x"].shape[2])}
    return {
        what: found[what],
        "sample": found["sample"],
        "nearest_image": found["nearest"] + 1,
        "distance": found["distance"],
        "second_distance": found["second"],
        **pixels,
    }


def curves(found: Arrays, scene: Scene) -> Arrays:
    """A row for each point of the topic's curves, with its standard error."""
    rows = [
        (name, at, value, error)
        for name, t, values, errors in _curves(found, scene.image_topic)
        for at, value, error in zip(t, values, errors, strict=True)
    ]
    axis = "step" if scene.image_topic == "learned" else "t"
    names = ("curve", axis, "value", "standard_error")
    columns = map(np.asarray, zip(*rows, strict=True))
    return dict(zip(names, columns, strict=True))


_Curve = tuple[str, NDArray[Any], NDArray[Any], NDArray[Any]]


def _curves(found: Arrays, topic: str) -> list[_Curve]:
    """Name, times, values and standard errors of each curve."""
    if topic == "draws":
        names = ("class", "image")
        return [_mean(name, found["decided_t"], found[f"decided_{name}"]) for name in names]
    if topic == "learned":
        unknown = np.full(len(found["step"]), np.nan)
        return [
            (f"loss_{name}", found["step"], loss, unknown)
            for name, loss in zip("ab", found["loss"], strict=True)
        ]
    if topic == "errors":
        return [
            _mean(str(name), found["t"], values)
            for name, values in zip(found["curve"], found["error"], strict=True)
        ]
    return [
        (f"{what}_{name}", found["t"], mean.numpy(), error.numpy())
        for k, name in enumerate(found["curve"])
        for what, (mean, error) in measures.shares_of(_targets_of(found, k)).items()
    ]


def _targets_of(found: Arrays, k: int) -> measures.Targets:
    columns = (torch.from_numpy(found[name][k]) for name in ("cosine", "variance", "square"))
    return measures.Targets(*columns)


def _mean(name: str, t: NDArray[Any], values: NDArray[Any]) -> _Curve:
    """The mean over draws, (T, R), and its standard error."""
    return name, t, values.mean(1), values.std(1, ddof=1) / values.shape[1] ** 0.5
