"""Names that libraries give to the schedules here; each is the same curve up to t -> 1 - t.

    linear   CondOTScheduler (flow_matching), Linear (SiT), rectified flow       t, 1 - t
    cosine   CosineScheduler (flow_matching), GVP (SiT)               sin(πt/2), cos(πt/2)
    vp       VPScheduler (flow_matching), VP (SiT): not quite, see below

*VP* there is exp(-B/2), which leaves α = 0.0066 of the data at the prior; here it is rescaled to 0.
*VE* and *EDM* (Karras) have α = 1 and reach no finite prior: no schedule here is theirs, though
x/(1+σ) moves on the linear one with u = σ/(1+σ). PolynomialConvexScheduler has α = tⁿ, which is
none of ours: in its time they are α = 1 - (1-t)ⁿ. The cosine of Nichol and Dhariwal (2021) has an
offset of 0.008.

Source: github.com/facebookresearch/flow_matching, path/scheduler; github.com/willisma/SiT,
transport/path.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

#: Names of schedules, in small letters without separators.
ALIASES: Mapping[str, str] = {
    "condot": "linear",
    "rectifiedflow": "linear",
    "gvp": "cosine",
}
#: Names of what is no schedule here.
EXPLODING = ("ve", "edm", "karras")
#: α_t and σ_t as they are typed.
FORMULAS: Mapping[str, tuple[str, str]] = {
    "linear": ("1-t", "t"),
    "cosine": ("cos(pi*t/2)", "sin(pi*t/2)"),
}


def bare(name: str) -> str:
    """A name as the tables have it: "CondOTScheduler", "rectified_flow" → condot, rectifiedflow."""
    return re.sub(r"[\s_-]", "", name).lower().removesuffix("scheduler")


def named_formulas(text: str) -> tuple[str, str] | None:
    """α_t and σ_t, where the text is a library's name of a schedule and no formula."""
    if "-" in text:  # a difference
        return None
    name = bare(text)
    if name in EXPLODING:  # the same flow, see above
        return FORMULAS["linear"]
    return FORMULAS.get(ALIASES.get(name, name))
