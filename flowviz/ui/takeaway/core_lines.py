"""Lines of code that a script is made of, and those that several pages' scripts have."""

from __future__ import annotations

from dataclasses import dataclass, field

from flowviz.core.training.export import Imports

CORE = "flowviz.core"
DRAWN = "torch.Generator().manual_seed(7)"


@dataclass
class Lines:
    """Lines of code, what they import, and the arrays to save, by name."""

    needed: Imports = field(default_factory=lambda: {(f"{CORE}.field", "MarginalField")})
    code: list[str] = field(default_factory=list)
    saved: dict[str, str] = field(default_factory=dict)

    def use(self, module: str, *names: str) -> None:
        """Import names."""
        self.needed |= {(module, name) for name in names}

    @property
    def body(self) -> str:
        """The lines, and the mapping of what is saved."""
        arrays = "".join(f'    "{name}": {value},\n' for name, value in self.saved.items())
        return "\n".join([*self.code, f"found = {{\n{arrays}}}"])


def node_times(lines: Lines, count: int, power: float) -> None:
    """The nodes t, denser at 0 for a power above 1."""
    lines.code.append(f"t = torch.linspace(0.0, 1.0, {count}, dtype=torch.float64) ** {power!r}")


def trajectory_arrays(lines: Lines, name: str) -> None:
    """Save times, positions and data points reached, of trajectories of that name."""
    lines.saved |= {"t": f"{name}.t", "x": f"{name}.x.squeeze(-1)", "reached": f"{name}.basin"}
