"""Export of a training run as a self-contained Python script.

The script contains the data, the prior, the path and all settings as source code, imports from
``flowviz.core``, trains the same network on the same samples and saves its weights. Priors,
schedules and families are dataclasses, so that their source follows from their fields; a formula is
written as its text and parsed by the same grammar.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, is_dataclass

from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.formula import Formula
from flowviz.core.guidance import LabelledField
from flowviz.core.training.evaluation import finite_second_moment
from flowviz.core.training.network import NetSpec
from flowviz.core.training.train import TrainSpec

Imports = set[tuple[str, str]]
"""The (module, name) pairs that source code imports."""

_PER_LINE = 4

_ALWAYS = {
    ("flowviz.core.training", "TrainSpec"),
    ("flowviz.core.training", "VelocityNet"),
    ("flowviz.core.training", "train"),
    ("flowviz.core.training", "weights"),
}

_FLOW = """x0 = torch.tensor(
{points},
    dtype=torch.float64,
)
{name} = torch.tensor(
{weights},
    dtype=torch.float64,
)
prior = {prior}
path = {path}
field = {field}"""
_SCRIPT = """{heading}from pathlib import Path

import torch

{imports}

{flow}

spec = {spec}
net = VelocityNet({marginal}, {net}, seed=spec.seed)
for at in train(net, field, spec):
    print(
        f"{{at.step}}/{{at.steps}}  loss {{at.loss:.5f}}  floor {{at.floor:.5f}}  "
        f"{error} {{at.{error}:.4f}}"
    )

Path("{file}").write_bytes(weights(net))
"""


def training_script(
    field: MarginalField | LabelledField,
    net: NetSpec,
    spec: TrainSpec,
    heading: str = "",
    file: str = "velocity.safetensors",
) -> str:
    """The source of a script that trains this network on this flow.

    Args:
        field: data, prior and path, and labels if the network is given them; prior and path must
            be dataclasses, as in the registries.
        net: the network's shape.
        spec: the run's settings.
        heading: text of a comment at the top.
        file: name of the file for the weights.

    Raises:
        ValueError: for a value without source, as a family made of a function.
    """
    needed: Imports = set(_ALWAYS)
    labels, marginal = None, "field"
    if isinstance(field, LabelledField):
        labels, marginal, field = field.labels, "field.marginal", field.marginal
        needed.add(("flowviz.core.guidance", "LabelledField"))
    else:
        needed.add(("flowviz.core.field", "MarginalField"))
    shape = ", ".join(f"{f.name}={getattr(net, f.name)!r}" for f in fields(net))
    prior, path = source(field.prior, needed), source(field.path, needed)
    return _SCRIPT.format(
        heading=comment(heading),
        flow=flow_source(field.x0, field.weights, prior, path, labels, name="point_weights"),
        spec=source(spec, set()),
        net=shape,
        marginal=marginal,
        error="relative" if finite_second_moment(field) else "median",
        file=file,
        imports=imports(needed),
    )


def flow_source(
    x0: Tensor,
    weights: Tensor,
    prior: str,
    path: str,
    labels: Tensor | None = None,
    *,
    name: str = "weights",
) -> str:
    """The source of ``field`` with its ``x0``, ``prior`` and ``path``.

    Args:
        x0: the data points, (N, d).
        weights: theirs, (N,).
        prior: the source of the prior.
        path: the source of the path.
        labels: of the data points, (N,), for a field with labels.
        name: of the weights there.
    """
    kind, given = "MarginalField", ""
    if labels is not None:
        kind, given = "LabelledField", f"{labels.tolist()}, "
    return _FLOW.format(
        points=rows([repr(tuple(row)) for row in x0.tolist()]),
        weights=rows([repr(w) for w in weights.tolist()]),
        prior=prior,
        path=path,
        name=name,
        field=f"{kind}(x0, {name}, {given}prior, path)",
    )


def comment(text: str) -> str:
    """Lines of a comment; no line can end it."""
    return "".join(f"# {line}".rstrip() + "\n" for line in text.splitlines())


def source(value: object, needed: Imports) -> str:
    """Python source of an expression for the value; its imports are added to ``needed``.

    Raises:
        ValueError: for anything but numbers, texts, None, tuples, formulas and dataclasses.
    """
    if value is None or isinstance(value, bool | int | float | str):
        return repr(value)
    if isinstance(value, Tensor):
        raise ValueError(f"a tensor has no source here, got one of shape {tuple(value.shape)}")
    if isinstance(value, tuple):
        inner = ", ".join(source(v, needed) for v in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, Formula):
        needed.add(("flowviz.core.formula", "parse"))
        return f"parse({value.text!r}, {value.role!r})"
    if is_dataclass(value) and not isinstance(value, type):
        kind = type(value)
        needed.add((kind.__module__, kind.__name__))
        given = (
            f"{f.name}={source(getattr(value, f.name), needed)}" for f in fields(value) if f.init
        )
        return f"{kind.__name__}({', '.join(given)})"
    raise ValueError(f"no source is known for {value!r}")


def rows(items: Sequence[str]) -> str:
    """The source of a list of these items, some to a line, indented as an argument."""
    lines = [
        "        " + ", ".join(items[k : k + _PER_LINE]) + ","
        for k in range(0, len(items), _PER_LINE)
    ]
    return "    [\n" + "\n".join(lines) + "\n    ]"


def imports(needed: Imports) -> str:
    """The import lines, one for each module."""
    modules = sorted({module for module, _ in needed})
    return "\n".join(
        f"from {module} import {', '.join(sorted(n for m, n in needed if m == module))}"
        for module in modules
    )
