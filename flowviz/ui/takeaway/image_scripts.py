"""Scripts that compute the arrays of the page Images with ``flowviz.core``, one for each topic.

A visitor's images are written as the digits of their link: nothing that was typed becomes code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flowviz.core.images import ShrinkingWindow
from flowviz.core.training.export import imports
from flowviz.scene import Scene
from flowviz.scene.own_images import LEVELS
from flowviz.scene.settings import ImageWindow
from flowviz.ui.images import compute, measures, tasks
from flowviz.ui.takeaway.core_lines import CORE, Lines
from flowviz.ui.takeaway.images import window_of

_SCRIPT = """{heading}from pathlib import Path

import numpy as np
import torch

{imports}

{body}

np.savez(Path(__file__).with_suffix(".npz"), **found)
for name, values in found.items():
    print(name, tuple(np.shape(values)))
"""
_DIGITS = """images, labels = digits()
order = torch.randperm(len(images), generator=torch.Generator().manual_seed({seed}))
images, labels = images[order], labels[order]"""
_OWN = """levels = {levels!r}
x0 = torch.tensor([[int(level, 16) for level in image] for image in levels], dtype=torch.float64)
x0 = 2.0 * x0 / {most} - 1.0"""
_WEIGHTS = "weights = torch.full((len(x0),), 1.0 / len(x0), dtype=torch.float64)"
_WINDOW = """

def window(side):
    return WindowField(x0, weights, (8, 8), side)

"""
_GENERATE = """

def generate(velocity):
    field = VelocityField(velocity, 64, straight().affine_schedule)
    return solve(SOLVERS["multistep"], field, x1, t).x

"""
_NOISE = """noise = torch.Generator().manual_seed({seed})
x1 = torch.randn({draws}, 64, generator=noise, dtype=torch.float64)[:{shown}]
t = torch.linspace(1.0, 0.0, {times}, dtype=torch.float64)"""


def script(scene: Scene, heading: str) -> str:
    """The source of a script with the arrays of the scene's topic.

    Args:
        scene: what the page shows.
        heading: lines of a comment at the top.
    """
    lines = Lines(needed=set())
    _BODIES[scene.image_topic](scene, lines)
    return _SCRIPT.format(heading=heading, imports=imports(lines.needed), body=lines.body)


# ---------------------------------------------------------------------- what several topics have


def _digits(lines: Lines) -> None:
    lines.use(f"{CORE}.images", "digits")
    lines.code.append(_DIGITS.format(seed=compute.SHUFFLE))


def _training_images(lines: Lines, count: int) -> None:
    _digits(lines)
    lines.code += [f"x0, labels = images[:{count}], labels[:{count}]", _WEIGHTS]


def _window(lines: Lines) -> None:
    lines.use(f"{CORE}.images", "WindowField")
    lines.code.append(_WINDOW)


def _generation(scene: Scene, lines: Lines, shown: int = compute.DRAWS) -> None:
    lines.use(f"{CORE}.images.denoiser", "straight")
    lines.use(f"{CORE}.solvers", "SOLVERS", "solve")
    lines.use(f"{CORE}.solvers.vector_fields", "VelocityField")
    lines.code += [
        _NOISE.format(
            seed=scene.image_seed, draws=compute.DRAWS, shown=shown, times=compute.STEPS + 1
        ),
        _GENERATE,
    ]


def _field(lines: Lines, count: int, name: ImageWindow) -> str:
    """The expression of a window's flow."""
    if name != "shrinking":
        return f"window({compute.SIDES[name]})"
    lines.use(f"{CORE}.images", "ShrinkingWindow")
    field = compute.window_field(count, name)
    assert isinstance(field, ShrinkingWindow)
    windows = ", ".join(f"window({one.window})" for one in field.fields)
    return f"ShrinkingWindow([{windows}], {list(field.until)!r})"


def _fields(lines: Lines, named: Mapping[str, str]) -> None:
    lines.code.append("fields = {")
    lines.code += [f'    "{name}": {field},' for name, field in named.items()]
    lines.code.append("}")


def _saved_samples(lines: Lines, each: int = compute.DRAWS) -> None:
    """Save samples ``x``, ``each`` in a group, and the training images nearest to them."""
    lines.use(f"{CORE}.images.memorising", "nearest")
    lines.code.append("near = nearest(x[:, -1], x0)")
    lines.saved |= {"t": "t", "x": "x", "images": "x0", "nearest": "near.index"}
    lines.saved |= {"distance": "near.first", "second": "near.second"}
    lines.saved["sample"] = f"1 + np.arange(len(x)) % {each}"


def _followed(scene: Scene, lines: Lines, row: int, field: str) -> None:
    """Save what is denoised along one sample, the ``row``th of ``x``."""
    lines.code += [
        f"followed = x[{row}]",
        f"denoised = {field}.denoise(followed[:-1], t[:-1])",
        "denoised = torch.cat([denoised, followed[-1:]])",
    ]
    lines.saved["denoised"] = "denoised"
    if window_of(scene) != "whole":
        return
    lines.use(f"{CORE}.images.memorising", "posterior_at")
    lines.code += [
        "r = [",
        "    posterior_at(at[None], x0, weights, 1.0 - float(time), float(time))[0]",
        "    for at, time in zip(followed[:-1], t[:-1], strict=True)",
        "]",
        f"end = int(near.index[{row}])",
        "r = torch.stack([*r, torch.eye(len(x0), dtype=torch.float64)[end]])",
    ]
    lines.saved["image_weight"] = "r[:, end]"
    if scene.image_topic != "own":
        lines.saved["class_weight"] = "r[:, labels == labels[end]].sum(1)"


# ---------------------------------------------------------------------- the topics


def _draws(scene: Scene, lines: Lines) -> None:
    _training_images(lines, scene.image_count)
    _window(lines)
    _generation(scene, lines)
    whole = _field(lines, scene.image_count, "whole")
    lines.code.append(f"x = generate({whole})")
    _saved_samples(lines)
    lines.saved["window"] = '["whole"] * len(x)'
    _followed(scene, lines, scene.image_draw - 1, whole)
    at = compute.DECIDED_TIMES
    lines.use(f"{CORE}.images.memorising", "decided")
    span = f"{float(at[0])!r}, {float(at[-1])!r}, {len(at)}"
    lines.code += [
        f"decided_t = torch.linspace({span}, dtype=torch.float64)",
        f"decision = decided(x0, labels, {compute.DECIDED}, decided_t)",
    ]
    lines.saved |= {"decided_t": "decided_t", "decided_class": "decision.label"}
    lines.saved["decided_image"] = "decision.image"


def _windows(scene: Scene, lines: Lines) -> None:
    count, chosen = scene.image_count, window_of(scene)
    _training_images(lines, count)
    _window(lines)
    _generation(scene, lines)
    _fields(lines, {name: _field(lines, count, name) for name in compute.WINDOWS})
    lines.code.append("x = torch.cat([generate(field) for field in fields.values()])")
    _saved_samples(lines)
    row = compute.WINDOWS.index(chosen) * compute.DRAWS + scene.image_draw - 1
    _followed(scene, lines, row, f'fields["{chosen}"]')
    lines.saved["window"] = f"np.repeat(list(fields), {compute.DRAWS})"


def _errors(scene: Scene, lines: Lines) -> None:
    count, at = compute.measured_count(scene.image_count), compute.ERROR_TIMES
    _training_images(lines, count)
    _window(lines)
    lines.use(f"{CORE}.images", "WienerFilter")
    lines.use(f"{CORE}.images.denoising", "denoising_errors")
    named = {name: _field(lines, count, name) for name in compute.SIDES}
    _fields(lines, named | {"wiener": "WienerFilter(x0, weights)"})
    span = f"{float(at[0])!r}, {float(at[-1])!r}, {len(at)}"
    lines.code += [
        f"held_out = images[-{len(compute.held_out(count))}:]",
        f"t = torch.linspace({span}, dtype=torch.float64)",
        "errors = [",
        "    denoising_errors(field.denoise, field.schedule, held_out, t)",
        "    for field in fields.values()",
        "]",
    ]
    lines.saved |= {"t": "t", "curve": "list(fields)", "error": "torch.stack(errors)"}


def _learned(scene: Scene, lines: Lines) -> None:
    kind, size = scene.image_net, compute.half_size(scene.image_count)
    _digits(lines)
    lines.use(f"{CORE}.images", "WindowField")
    lines.use(f"{CORE}.images.memorising", "nearest")
    lines.use(f"{CORE}.images.networks", "DenoisingNet", "loss_floor", "train")
    _generation(scene, lines)
    trained = f"{tasks.STEPS[kind]}, {tasks.BATCH[kind]}, {tasks.RATE[kind]!r}"
    lines.code += [
        "losses, floors, ends, near = [], [], [], []",
        f"for which in range({tasks.NETWORKS}):",
        f"    x0 = images[which * {size} : (which + 1) * {size}]",
        f"    {_WEIGHTS}",
        f'    net = DenoisingNet(x0, "{kind}", (8, 8), seed={tasks.SEED})',
        "    floor = loss_floor(net, WindowField(x0, weights, (8, 8), 15))",
        f"    steps = list(train(net, x0, {trained}, which, {tasks.EVERY[kind]}))",
        "    losses.append([step.loss for step in steps])",
        "    floors.append([floor.value, floor.error])",
        "    ends.append(generate(net)[:, -1])",
        "    near.append(nearest(ends[-1], x0))",
    ]
    lines.saved |= {
        "images_a": f"images[:{size}]",
        "images_b": f"images[{size} : {2 * size}]",
        "step": "[step.step for step in steps]",
        "loss": "losses",
        "floor": "floors",
        "t": "np.zeros(1)",
        "x": "torch.cat(ends)[:, None]",
        "sample": "np.tile(1 + np.arange(len(x1)), len(ends))",
        "network": 'np.repeat(["a", "b"], len(x1))',
        "nearest": "torch.cat([found.index for found in near])",
        "distance": "torch.cat([found.first for found in near])",
        "second": "torch.cat([found.second for found in near])",
    }


def _guidance(scene: Scene, lines: Lines) -> None:
    count, scales = scene.image_count, measures.SCALES[scene.image_guide]
    _training_images(lines, count)
    _generation(scene, lines, compute.GUIDED)
    lines.code.append(f"scales = {scales!r}")
    if scene.image_guide == "label":
        lines.use(f"{CORE}.guidance", "LabelledField")
        lines.use(f"{CORE}.priors", "PRIORS")
        lines.code += [
            'field = LabelledField(x0, weights, labels, PRIORS["gaussian"](), straight())',
            f"guided = [field.guided({scene.image_label}, scale) for scale in scales]",
        ]
    else:
        lines.use(f"{CORE}.guidance", "extrapolated")
        _window(lines)
        lines.code += [
            f"weaker = {_field(lines, count, 'three')}",
            f"stronger = {_field(lines, count, 'shrinking')}",
            "guided = [extrapolated(weaker, stronger, scale) for scale in scales]",
        ]
    lines.code.append("x = torch.cat([generate(velocity) for velocity in guided])")
    _saved_samples(lines, compute.GUIDED)
    lines.saved["scale"] = f"np.repeat(scales, {compute.GUIDED})"


def _targets(scene: Scene, lines: Lines) -> None:
    at = measures.TARGET_TIMES
    _training_images(lines, scene.image_count)
    _window(lines)
    lines.use(f"{CORE}.datasets", "DATASETS")
    lines.use(f"{CORE}.field", "MarginalField")
    lines.use(f"{CORE}.images.denoiser", "straight")
    lines.use(f"{CORE}.images.targets", "targets")
    lines.use(f"{CORE}.priors", "PRIORS")
    span = f"{float(at[0])!r}, {float(at[-1])!r}, {len(at)}"
    lines.code += [
        'moons, equal = DATASETS["two_moons"].tensors()',
        'plane = MarginalField(moons, equal, PRIORS["gaussian"](), straight())',
        f"t = torch.linspace({span}, dtype=torch.float64)",
        f"both = [(window({compute.SIDES['whole']}), x0), (plane, moons)]",
        f"measured = [targets(field, data, t, {measures.DRAWS}) for field, data in both]",
    ]
    lines.saved |= {"t": "t", "curve": '["images", "moons"]'}
    for name in ("cosine", "variance", "square"):
        lines.saved[name] = f"torch.stack([found.{name} for found in measured])"


def _own(scene: Scene, lines: Lines) -> None:
    lines.code.append(_OWN.format(levels=scene.image_own.split("."), most=LEVELS))
    lines.code.append(_WEIGHTS)
    _window(lines)
    _generation(scene, lines)
    _fields(lines, {name: f"window({side})" for name, side in compute.SIDES.items()})
    lines.code.append("x = torch.cat([generate(field) for field in fields.values()])")
    _saved_samples(lines)
    row = list(compute.SIDES).index(window_of(scene)) * compute.DRAWS + scene.image_draw - 1
    _followed(scene, lines, row, f'fields["{window_of(scene)}"]')
    lines.saved["window"] = f"np.repeat(list(fields), {compute.DRAWS})"


_BODIES: Mapping[str, Callable[[Scene, Lines], None]] = {
    "draws": _draws,
    "windows": _windows,
    "errors": _errors,
    "learned": _learned,
    "guidance": _guidance,
    "targets": _targets,
    "own": _own,
}
