"""Example formulas, each of which shows one feature."""

from __future__ import annotations

from collections.abc import Mapping

from flowviz.scene.formula import Kind, Typed
from flowviz.scene.settings import Space

#: By name, for the line and for the plane; the text key of a name is ``formula.example.<name>``.
EXAMPLES: Mapping[Space, Mapping[str, Typed]] = {
    "line": {
        "bow": Typed("forward", "(1-t)*x0 + t*x1 + a*t*(1-t)", letters=(("a", 1.0),)),
        "tanh": Typed(
            "forward", "(1-t)*x0 + t*x1 + a*t*(1-t)*tanh(x1 - x0)", letters=(("a", 1.0),)
        ),
        "cubic": Typed("inverse", "x0 + (x-x0)/t + a*(1-t)*((x-x0)/t)^3", letters=(("a", 0.1),)),
        "centre": Typed(
            "mean", "(1-t)*x0 + a*t*(1-t)*cos(k*x0)", "sin(pi*t/2)", (("a", 2.0), ("k", 3.0))
        ),
        "fold": Typed("forward", "(1-t)*x0 + t*x1 + a*t*(1-t)*sin(3*x1)", letters=(("a", 2.0),)),
    },
    "plane": {
        "swirl": Typed("forward", "x0 + t*rot(b*(1-t))*(x1 - x0)", letters=(("b", 3.0),)),
        "radial": Typed(
            "forward",
            "x0 + t*(x1 - x0)*(1 + a*(1-t)*tanh(norm(x1 - x0)))",
            letters=(("a", 1.0),),
        ),
        "shear": Typed("mean", "(1-t)*x0 + a*t*(1-t)*rot(pi/2)*x0*norm(x0)", "t", (("a", 1.0),)),
        "tanh": Typed(
            "forward", "(1-t)*x0 + t*x1 + a*t*(1-t)*tanh(x1 - x0)", letters=(("a", 1.0),)
        ),
        "fold": Typed("forward", "(1-t)*x0 + t*x1 + a*t*(1-t)*sin(2*x1)", letters=(("a", 2.0),)),
    },
}

#: The default formula of each kind: straight lines.
STRAIGHT: Mapping[Kind, Typed] = {
    "forward": Typed(),
    "inverse": Typed("inverse", "(x - (1-t)*x0)/t"),
    "mean": Typed("mean", "(1-t)*x0", "t"),
}
