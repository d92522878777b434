"""Runge-Kutta methods as data: Butcher's tableaux.

For x' = f(x, t) and a step h from t,

    k_i = f(x + h Σ_j a_ij k_j, t + c_i h),     x(t + h) ≈ x + h Σ_i b_i k_i.

A pair has a second row of weights of one order less; the difference of the two results estimates
the error.

Source: E. Hairer, S. P. Nørsett, G. Wanner, "Solving Ordinary Differential Equations I", 1993;
J. R. Dormand, P. J. Prince, "A family of embedded Runge-Kutta formulae", 1980.
"""

from __future__ import annotations

from dataclasses import dataclass

_Row = tuple[float, ...]


@dataclass(frozen=True)
class Tableau:
    """Nodes ``c``, stages ``a`` (row i has i numbers), weights ``b``, ``embedded`` weights.

    Raises:
        ValueError: when the lengths of the rows do not match.
    """

    c: _Row
    a: tuple[_Row, ...]
    b: _Row
    embedded: _Row | None = None

    def __post_init__(self) -> None:
        sizes = (len(self.c), len(self.a), len(self.b), *map(len, self.a))
        want = (len(self.c),) * 3 + tuple(range(len(self.c)))
        if sizes != want:
            raise ValueError(f"a tableau needs rows of lengths {want}, got {sizes}")

    @property
    def evaluates_end(self) -> bool:
        """Whether a stage is at the end of the step, which is impossible at t = 0."""
        return 1.0 in self.c


EULER = Tableau((0.0,), ((),), (1.0,))
MIDPOINT = Tableau((0.0, 0.5), ((), (0.5,)), (0.0, 1.0))
HEUN = Tableau((0.0, 1.0), ((), (1.0,)), (0.5, 0.5))
RK4 = Tableau(
    (0.0, 0.5, 0.5, 1.0),
    ((), (0.5,), (0.0, 0.5), (0.0, 0.0, 1.0)),
    (1 / 6, 1 / 3, 1 / 3, 1 / 6),
)
DORMAND_PRINCE = Tableau(
    c=(0.0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1.0, 1.0),
    a=(
        (),
        (1 / 5,),
        (3 / 40, 9 / 40),
        (44 / 45, -56 / 15, 32 / 9),
        (19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729),
        (9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656),
        (35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84),
    ),
    b=(35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84, 0.0),
    embedded=(5179 / 57600, 0.0, 7571 / 16695, 393 / 640, -92097 / 339200, 187 / 2100, 1 / 40),
)
"""The last stage is the first of the next step: six evaluations for each step."""
