"""A script with NumPy, SciPy and matplotlib alone, as the article's own: the exact flow by hand.

On the line trajectories are roots, F_t(x_t) = F₁(x₁); in the plane dx/ds = t f_t(x), s = log t, is
integrated. A page's data are in the script as numbers, formulas as expressions written from their
syntax trees (`plain_formula`).
"""

from __future__ import annotations

import re

import numpy as np

from flowviz.core.paths.base import Affine, Path
from flowviz.core.training.export import comment
from flowviz.scene import Scene
from flowviz.ui.takeaway.arrays import Arrays, flow_space
from flowviz.ui.takeaway.plain_parts import (
    LINE_FAMILIES,
    PHI,
    PLANE_FAMILIES,
    prior_source,
    schedule_source,
)


def why_not(page: str, scene: Scene) -> str | None:
    """The key of the sentence that says why there is no such script; None where there is one."""
    if page == "couplings" and scene.coupling != "independent":
        return "take.plain.coupling"
    if page in ("guidance", "images"):
        return f"take.plain.{page}"
    space = flow_space(page, scene)
    path, prior = scene.path(space), scene.prior_object(space)
    if page == "couplings" and not scene.straight(space):
        return "take.plain.straight"
    if space == "line":
        if type(path) not in LINE_FAMILIES or not path.monotone:
            return "take.plain.family"
        return None
    if type(path) not in PLANE_FAMILIES or (isinstance(path, Affine) and path.mu):
        return "take.plain.family"
    # Steps would have to end where the density is infinite, at every data point's edges.
    return "take.plain.prior" if prior.has_singular_edges and page != "green" else None


def plain_script(page: str, scene: Scene, heading: str, found: Arrays) -> str:
    """The source of the script.

    Args:
        page: its name; `why_not` must be None.
        scene: what it shows.
        heading: lines of a comment at the top.
        found: `arrays.arrays`, of which the starts and times are taken.
    """
    space = flow_space(page, scene)
    line = space == "line"
    path, prior = scene.path(space), scene.prior_object(space)
    last = int(np.argmax(found["t"]))
    parts = [
        _IMPORTS,
        f"# The data points and their weights.\nx0 = {_array(found['points'])}",
        f"w = {_array(found['weights'])}",
        f"# Starts at t = 1, and the times of the picture; any others do as well.\n"
        f"x1 = {_array(found['x'][:, last])}",
        f"t = {_array(found['t'])}",
        "# The prior.\n" + prior_source(prior, 1 if line else 2),
        (_LINE if line else _PLANE).format(family=_family(path, line), **_HOW[prior.smooth]),
        _grid(found, line),
        _END.format(plot=_PLOT_LINE if line else _PLOT_PLANE),
    ]
    text = "\n\n".join(part.strip("\n") for part in parts) + "\n"
    return comment(heading) + _BEFORE_DEF.sub(r"\1\n\n\n", text)


def _family(path: Path, line: bool) -> str:
    if line:
        text = LINE_FAMILIES[type(path)](path)
        return text.replace(
            PHI, f'{PHI}    """The endpoint x1 of the trajectory through x."""\n', 1
        )
    scaled = path.affine_schedule
    schedule = schedule_source(scaled) if scaled is not None else _NO_SCHEDULE
    body = PLANE_FAMILIES[type(path)](path)
    return (
        f'{schedule}\n\n\ndef conditional(x, t):\n    """phi, log|det|, f of each point."""\n{body}'
    )


def _grid(found: Arrays, line: bool) -> str:
    if "density" not in found:
        return "# The density on a grid.\ngrid_t = np.linspace(0.01, 1.0, 100)\n" + (
            "grid_x = np.linspace(x.min(), x.max(), 200)"
            if line
            else "grid_x = grid_y = np.linspace(x.min(), x.max(), 100)"
        )
    names = ("t", "x") if line else ("t", "x", "y")
    lines = [f"grid_{name} = {_even(found[f'density_{name}'])}" for name in names]
    return "# The cells of the picture's density.\n" + "\n".join(lines)


def _even(values: np.ndarray) -> str:
    """Equally spaced values as source."""
    return f"np.linspace({float(values[0])!r}, {float(values[-1])!r}, {len(values)})"


def _array(values: np.ndarray) -> str:
    """An array as source, some numbers to a line."""
    numbers = [repr(tuple(row)) if isinstance(row, list) else repr(row) for row in values.tolist()]
    if len(numbers) <= _PER_LINE:
        return f"np.array([{', '.join(numbers)}])"
    count = _PER_LINE // (2 if values.ndim == 2 else 1)
    chunks = (numbers[k : k + count] for k in range(0, len(numbers), count))
    body = "".join(f"    {', '.join(chunk)},\n" for chunk in chunks)
    return f"np.array([\n{body}])"


_PER_LINE = 4
_BEFORE_DEF = re.compile(r"(?m)^(?!#)(.+)\n\n(?=def |class )")

_IMPORTS = """
import numpy as np
from scipy import integrate, special, stats
"""

_LINE = '''
def root(function, y):
    """The z with function(z) = y of an increasing function, for arrays, by bisection."""
    low, high = -np.ones(np.shape(y)), np.ones(np.shape(y))
    for _ in range(60):
        low = np.where(function(low) > y, 2.0 * low, low)
        high = np.where(function(high) < y, 2.0 * high, high)
    for _ in range(80):
        middle = 0.5 * (low + high)
        above = function(middle) >= y
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return 0.5 * (low + high)


# The family of trajectories of a single data point.
{family}


def below(x, t):
    """F_t(x): the mass left of x at time t."""
    return (w * prior.cdf(phi(x[..., None], x0, t[..., None]))).sum(-1)


def above(x, t):
    """1 - F_t(x), which is exact where F_t is nearly 1."""
    return (w * prior.sf(phi(x[..., None], x0, t[..., None]))).sum(-1)


def density(x, t, h=1e-6):
    """p_t(x), the mean over [x - h, x + h]."""
    return (below(x + h, t) - below(x - h, t)) / (2.0 * h)


# The flow conserves F: F_t(x_t) = F_1(x_1). One equation for each trajectory and time.
later = t > 0
start, times = np.broadcast_arrays(x1[:, None], t[later][None, :])
low = prior.cdf(start) <= 0.5
mass = np.where(low, prior.cdf(start), -prior.sf(start))
x = np.empty((len(x1), len(t)))
x[:, later] = root(lambda z: np.where(low, below(z, times), -above(z, times)), mass)
# At t = 0 it is at the data point in whose share of the mass it starts; a start exactly between two
# shares may go to either.
order = np.argsort(x0)
share = np.cumsum(w[order])[:-1]
reached = order[np.searchsorted(share, prior.cdf(x1))]
x[:, ~later] = x0[reached][:, None]
'''

_HOW = {
    True: {"how": "All at once.", "groups": "[x1]"},
    False: {
        "how": "One by one, as steps shrink where the prior's density has an edge: some minutes.",
        "groups": "x1[:, None]",
    },
}
"""By whether the prior is smooth."""

_NO_SCHEDULE = '''
def schedule(t):
    """The family has no schedule of its own."""
    return 1.0 - t, t
'''.strip("\n")

_PLANE = '''
# The family of trajectories of a single data point, x (..., 1, 2) against x0 (N, 2).
{family}


def shares(x, t):
    """The posterior weights of the data points at x (..., 2), their velocities, log p_t."""
    end, log_det, velocity = conditional(x[..., None, :], t)
    log_parts = np.log(w) + log_p1(end)
    log_p = special.logsumexp(log_parts, axis=-1)
    with np.errstate(invalid="ignore"):  # where p_t = 0 there is no velocity
        r = np.exp(log_parts - log_p[..., None])
    return r, velocity, log_p + log_det


def f(x, t):
    """The velocity: an average with the posterior weights."""
    r, velocity, _ = shares(x, t)
    return (r[..., None] * velocity).sum(-2)


# With s = log t there is no singularity at t = 0. A schedule is a change of time and of scale:
# with u = sigma/(alpha + sigma), x/(alpha + sigma) follows the straight lines at time u.
alpha, sigma = schedule(t)
u, scale = sigma / (alpha + sigma), alpha + sigma
later = u > 0
order = np.argsort(-u[later])
s = np.log(u[later][order])


def rate(s, flat):
    """dx/ds of some trajectories."""
    return (np.exp(s) * f(flat.reshape(-1, 2), np.exp(s))).ravel()


def solve(start):
    """The trajectories from these starts, (T, Q, 2)."""
    options = {{"method": "DOP853", "t_eval": s, "rtol": 1e-10, "atol": 1e-10}}
    return integrate.solve_ivp(rate, (0.0, s[-1]), start.ravel(), **options).y.T.reshape(
        len(s), len(start), 2
    )


# {how}
y = np.concatenate([solve(start) for start in {groups}], axis=1)
x = np.empty((len(x1), len(t), 2))
x[:, np.flatnonzero(later)[order]] = y.transpose(1, 0, 2) * scale[later][order][:, None]
# Next to t = 0 each is at the data point with nearly all of the posterior weight.
reached = shares(y[-1], np.exp(s[-1]))[0].argmax(-1)
x[:, ~later] = x0[reached][:, None]


def density(x, t):
    """p_t(x)."""
    a, b = schedule(t)
    return np.exp(shares(x / (a + b), b / (a + b))[2]) / (a + b) ** 2
'''

_END = """
if __name__ == "__main__":
    np.savez("flow.npz", t=t, x=x, reached=reached)
    print(len(x1), "trajectories at", len(t), "times; they reach the data points", reached + 1)
    try:
        import matplotlib.pyplot as plt
    except ImportError:
        print("matplotlib draws the picture: pip install matplotlib")
    else:
{plot}
        plt.savefig("flow.png", dpi=150)
"""

_PLOT_LINE = """
        p = density(*np.broadcast_arrays(grid_x[:, None], grid_t[None, :]))
        plt.pcolormesh(grid_t, grid_x, p, cmap="Blues", vmax=np.nanquantile(p, 0.985))
        for line, k in zip(x, reached):
            plt.plot(t, line, color=f"C{k % 10}", linewidth=1)
        plt.xlabel("t")
        plt.ylabel("x")
""".strip("\n")

_PLOT_PLANE = """
        at = grid_t[len(grid_t) // 2]
        p = density(np.stack(np.meshgrid(grid_x, grid_y), -1), at)
        plt.pcolormesh(grid_x, grid_y, p, cmap="Blues")
        for line, k in zip(x, reached):
            plt.plot(*line.T, color=f"C{k % 10}", linewidth=1)
        plt.scatter(*x0.T, color="black", zorder=3)
        plt.gca().set_aspect("equal")
        plt.title(f"density at t = {at:.2f}")
""".strip("\n")
