"""The network v_θ(x, t): a small perceptron with the scales of the flow.

    v_θ(x, t) = f_lin(x, t) + c_t F_θ(z, e(t)),        z = (x - m_t)/s_t

f_lin is the best linear field, m, s and c are scales of the flow (module ``preconditioning``), and
the embedding e(t) consists of cosines of log(noise/signal) and of t. F_θ has ``depth`` hidden
layers of ``width``; the time enters every layer (module ``mlp``). Its last layer is initialised to
0, so that the network starts from f_lin, which is exact for Gaussian data and prior.

``benchmarks/ablation.py`` measures the effect of each of these.

With ``classes``, z is extended by the label as a one-hot vector, 0 without a label; with ``edges``,
by features of the edges of the prior's support (module ``edges``).

``weights`` saves a network as safetensors, with its configuration in the header; ``load`` loads it,
without pickle.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as read_tensors
from safetensors.torch import save as write_tensors
from torch import Tensor, nn

from flowviz.core.field import MarginalField
from flowviz.core.numerics.arguments import Numbers, as_tensor, as_times
from flowviz.core.priors.base import param_range, require
from flowviz.core.training.edges import edges_of
from flowviz.core.training.mlp import ACTIVATIONS, Perceptron
from flowviz.core.training.preconditioning import Scales, measure

VERSION = 2
"""Of the file format; files of other versions are rejected."""

_FREQUENCIES = 8
"""Cosines of log(noise/signal), and as many of t, in the time embedding."""


def check_ranges(owner: object) -> None:
    """Raise ValueError unless all fields of a dataclass are within the ranges of their metadata.

    A field with a whole-number default accepts whole numbers only.
    """
    for f in fields(owner):  # type: ignore[arg-type]
        value, low, high = getattr(owner, f.name), f.metadata.get("min"), f.metadata.get("max")
        if low is None or high is None:
            choices = f.metadata.get("choices")
            require(
                choices is None or value in choices,
                f"{f.name} must be one of {', '.join(map(str, choices or ()))}, got {value!r}",
            )
            continue
        whole = isinstance(f.default, int)
        kind = "a whole number" if whole else "a number"
        good = isinstance(value, int if whole else (int, float)) and not isinstance(value, bool)
        require(
            good and low <= value <= high,
            f"{f.name} must be {kind} from {low:g} to {high:g}, got {value!r}",
        )


def one_of(values: Any) -> dict[str, tuple[Any, ...]]:
    """Metadata of a dataclass field: the values it accepts."""
    return {"choices": tuple(values)}


@dataclass(frozen=True)
class NetSpec:
    """The shape of a network.

    ``edges``: whether it knows those of the prior's support; ``classes``: of the labels that it is
    given, 0 for none; ``average``: whether it learns the average velocity between two times.

    Raises:
        ValueError: naming the range that is accepted.
    """

    width: int = field(default=64, metadata=param_range(4, 512, 4))
    depth: int = field(default=3, metadata=param_range(1, 8, 1))
    activation: str = field(default="silu", metadata=one_of(ACTIVATIONS))
    edges: bool = field(default=False, metadata=one_of((False, True)))
    classes: int = field(default=0, metadata=param_range(0, 7, 1))
    average: bool = field(default=False, metadata=one_of((False, True)))

    def __post_init__(self) -> None:
        check_ranges(self)


class VelocityNet(nn.Module):
    """A learned velocity, called like the exact one: net(x, t) -> (Q, d).

    Args:
        field: the flow whose scales are used.
        width: of every hidden layer.
        depth: number of hidden layers.
        activation: a name of ``ACTIVATIONS``.
        seed: of the initial weights.
        edges: whether it knows the edges of the prior's support, if there are any.
        classes: number of classes of labels.
        average: whether it learns the average velocity (module ``mean_flow``).
        scales: of the flow, if they are known.

    Raises:
        ValueError: for a shape out of range, or without a field where one is needed.
    """

    def __init__(
        self,
        field: MarginalField | None,
        width: int = 64,
        depth: int = 3,
        activation: str = "silu",
        seed: int = 0,
        edges: bool = False,
        classes: int = 0,
        average: bool = False,
        *,
        scales: Scales | None = None,
    ) -> None:
        super().__init__()
        self.spec = NetSpec(width, depth, activation, edges, classes, average)
        if field is None and (scales is None or edges):
            raise ValueError("a network needs a field, or its scales if it knows no edges")
        scales = scales or measure(field)  # type: ignore[arg-type]
        self.edges = edges_of(field) if edges and field is not None else None
        self.d = scales.mean.shape[1]
        for name, value in vars(scales).items():
            self.register_buffer(f"scale_{name}", value.to(torch.float32))
        features = self.d + classes + 2 * average + (self.edges.count if self.edges else 0)
        self.inner = Perceptron(
            features, self.d, 2 * _FREQUENCIES + 2, width, depth, activation, seed
        )

    def forward(
        self, x: Numbers, t: Numbers, label: Tensor | None = None, s: Numbers | None = None
    ) -> Tensor:
        """v_θ(x, t), (Q, d) in the dtype of x, for x (Q, d) and t a scalar or (Q,).

        With ``label``, the index of a class for each position or -1, (Q,), v_θ(x, t|y). With ``s``
        the average velocity from t down to s, one or (Q,), of a network that learns it.
        """
        x = as_tensor("x", x)
        require(
            x.dim() == 2 and x.shape[1] == self.d,
            f"x must have shape (Q, {self.d}), got {tuple(x.shape)}",
        )
        at = x.to(self.inner.last.dtype)
        time = as_times(t, at)
        require(
            time.numel() == 1 or time.shape == (len(x),),
            f"t must be a scalar or have shape ({len(x)},), got {tuple(time.shape)}",
        )
        conditioning = self.conditioning(time.reshape(-1))
        v, rest = conditioning.linear(at)
        earlier = None if s is None else as_times(s, at).reshape(-1)
        features = self.features(x, time.reshape(-1), conditioning, label, earlier)
        return (v + rest * self.inner(features, conditioning.time_embedding)).to(x.dtype)

    def guided(self, label: int, scale: float) -> Callable[[Tensor, Tensor], Tensor]:
        """f + s (f_y - f) of the learned velocities without and with the label of a class.

        Args:
            label: the index of the class.
            scale: s.
        """
        require(0 <= label < self.spec.classes, f"the network knows no class {label}")

        def of_class(x: Tensor, t: Tensor) -> Tensor:
            return self(x, t, torch.full((len(x),), label, device=x.device))

        return lambda x, t: torch.lerp(self(x, t), of_class(x, t), scale)

    def features(
        self,
        x: Tensor,
        t: Tensor,
        conditioning: Conditioning,
        label: Tensor | None = None,
        s: Tensor | None = None,
    ) -> Tensor:
        """The input of F_θ at positions (Q, d), in the network's dtype: z, label, and of edges."""
        z = conditioning.scaled(x.to(conditioning.mean))
        if self.spec.classes:
            one_hot = z.new_zeros(len(z), self.spec.classes + 1)
            if label is not None:  # -1 is the last column, which is left out
                one_hot[torch.arange(len(z), device=z.device), label] = 1.0
            z = torch.cat([z, one_hot[:, :-1]], dim=1)
        if self.spec.average:
            gap = (t - (t if s is None else s)).expand(len(z)).to(z)
            z = torch.cat([z, gap[:, None], (gap / t.to(z))[:, None]], dim=1)
        if self.edges is None:
            return z
        size: Tensor = self.scale_size  # type: ignore[assignment]
        # The prior's size over the data's, and the ratio of signal to noise.
        blur = size[-1] / size[0] * conditioning.signal[:, 0]
        return torch.cat([z, self.edges(x, t.to(x), blur.to(x)).to(z)], dim=1)

    def conditioning(self, t: Tensor) -> Conditioning:
        """The scales and embedding at times (Q,), or at a single time, (1,)."""
        grid: Tensor = self.scale_t  # type: ignore[assignment]
        right = torch.searchsorted(grid, t.detach().contiguous()).clamp(1, len(grid) - 1)
        left = right - 1
        fraction = ((t - grid[left]) / (grid[right] - grid[left])).clamp(0.0, 1.0)

        def interpolate(name: str) -> Tensor:
            table = getattr(self, f"scale_{name}")
            w = fraction.reshape(-1, *[1] * (table.dim() - 1))
            return torch.lerp(table[left], table[right], w)

        tau = (interpolate("log_nsr") / 20.0 + 0.5) * math.pi
        k = torch.arange(1, _FREQUENCIES + 1, dtype=t.dtype, device=t.device)
        time_embedding = torch.cat(
            [
                torch.ones_like(t)[:, None],
                torch.cos(tau[:, None] * k),
                torch.cos(math.pi * t[:, None] * k),
                t[:, None],
            ],
            dim=1,
        )
        signal = (-interpolate("log_nsr")).exp()[:, None]
        names = ("mean", "size", "offset", "slope", "rest")
        mean, size, offset, slope, rest = map(interpolate, names)
        return Conditioning(mean, size, offset, slope, rest, signal, time_embedding)


@dataclass(frozen=True)
class Conditioning:
    """The scales at times, (Q, …) or (1, …), and the embedding of these times.

    ``signal`` (Q, 1) is the ratio of signal to noise.
    """

    mean: Tensor
    size: Tensor
    offset: Tensor
    slope: Tensor
    rest: Tensor
    signal: Tensor
    time_embedding: Tensor

    def scaled(self, x: Tensor) -> Tensor:
        """z = (x - m)/s, (Q, d)."""
        return (x - self.mean) / self.size

    def linear(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """f_lin(x), (Q, d), and c, (Q, 1)."""
        deviation = (self.slope @ (x - self.mean)[..., None])[..., 0]
        return self.offset + deviation, self.rest


def weights(net: VelocityNet, **notes: str) -> bytes:
    """A network as safetensors: parameters, scales, and in the header its shape and the notes."""
    header = {"flowviz": json.dumps({"version": VERSION, "d": net.d, **asdict(net.spec)}), **notes}
    tensors = {name: value.detach().cpu().contiguous() for name, value in net.state_dict().items()}
    return write_tensors(tensors, header)


def load(data: bytes, flow: MarginalField | None = None) -> VelocityNet:
    """The network saved by ``weights``.

    Args:
        data: of the file.
        flow: that it was trained on; needed by a network that knows edges.

    Raises:
        ValueError: when the bytes are not such a file, or of the network of another flow.
    """
    try:
        tensors, about = read_tensors(data), json.loads(notes(data)["flowviz"])
        require(about["version"] == VERSION, f"a file of version {about['version']!r}")
        scales = Scales(**{f.name: tensors[f"scale_{f.name}"] for f in fields(Scales)})
        required = about["width"], about["depth"], about["activation"]
        optional = {name: about[name] for name in ("edges", "classes", "average") if name in about}
        spec = NetSpec(*required, **optional)
        field = flow if spec.edges else None
        net = VelocityNet(field, **vars(spec), scales=scales)
        net.load_state_dict(tensors)
    except (SafetensorError, KeyError, TypeError, RuntimeError, ValueError) as error:
        raise ValueError(f"these bytes are not a network's weights: {error}") from None
    return net


def notes(data: bytes) -> dict[str, str]:
    """The header of a file saved by ``weights``."""
    length = int.from_bytes(data[:8], "little")
    return dict(json.loads(data[8 : 8 + length]).get("__metadata__", {}))
