"""One point and any family: what a call of the field, a characteristic and a verdict cost.

For every built-in family and every example formula: the marginal field at 200 queries and 16 data
points; the density along 61 characteristics from t = 0.4 and how far it is from the change of
variables; and the look whether the family is legal.

    OMP_NUM_THREADS=1 python -m benchmarks.green

Times are CPU times of one thread, in milliseconds; the best of a few runs.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch

from benchmarks.timing import best
from flowviz.core.field import MarginalField
from flowviz.core.greens import single_point
from flowviz.core.greens.characteristics import characteristic
from flowviz.core.paths.base import Path
from flowviz.core.paths.validity import check_validity
from flowviz.core.priors import Gaussian
from flowviz.scene.formula_examples import EXAMPLES
from flowviz.scene.parameters import FAMILY, PLANE_FAMILY


def families() -> Iterator[tuple[str, Path, int]]:
    """(name, family, dimension) of everything on offer."""
    for d, registry in ((1, FAMILY), (2, PLANE_FAMILY)):
        for name, entry in registry.classes().items():
            if name != "formula":
                yield name, entry(), d
        for name, typed in EXAMPLES["line" if d == 1 else "plane"].items():
            yield f"typed: {name}", typed.path(d), d


def main() -> None:
    """Print the table."""
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(0)
    prior, t = Gaussian(), torch.tensor(0.4, dtype=torch.float64)
    print(f"{'family':18s} d  field 200×16   61 characteristics   difference   valid")
    for name, path, d in families():
        x0, x, x1 = (
            torch.randn(n, d, generator=generator, dtype=torch.float64) for n in (16, 200, 61)
        )
        when = 0.05 + 0.95 * torch.rand(200, generator=generator, dtype=torch.float64)
        field = MarginalField(x0, torch.ones(16), prior, path)
        called, _ = best(lambda field=field, x=x, when=when: field(x, when), 7)
        checked, report = best(lambda path=path, x0=x0: check_validity(path, x0[:1], prior), 2)
        row = f"{name:18s} {d}  {called:8.2f} ms"
        if report.ok:
            at = path.forward(x1, x0[:1], t)[:, 0]
            solved, found = best(
                lambda path=path, at=at, x0=x0: characteristic(path, prior, at, x0[:1], 0.4), 2
            )
            direct = single_point.density(path, prior, at, x0[:1], t)[:, 0]
            gap = float((found.log_p.exp() - direct.exp()).abs().max())
            row += f"   {solved:15.1f} ms   {gap:10.1e}"
        else:
            row += f"   {'not valid':>18s}   {'':>10s}"
        print(f"{row}   {checked:6.1f} ms", flush=True)


if __name__ == "__main__":
    main()
