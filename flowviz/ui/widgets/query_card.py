"""What is said at the query point on the picture itself, for ``components/query_card.js``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch

from flowviz.core.field import Probe
from flowviz.text import Translator
from flowviz.text.numbers import number, percent, position

_LISTED = 4
_DIGITS = 3
_LOWEST = -700.0  # below it exp underflows


def query_card(
    at: Probe, points: Sequence[Sequence[float]], palette: Sequence[str], tr: Translator
) -> dict[str, Any] | None:
    """p_t, the velocity towards the data, and the largest posterior weights as bars.

    Args:
        at: the field at one point.
        points: the data points' coordinates, (d, N).
        palette: colours that data points take in turn.
        tr: of the page.

    Returns:
        What the browser shows; None where p_t = 0 or unknown.
    """
    log_p = float(at.log_p)
    if math.isnan(log_p) or log_p == -math.inf:
        return None
    density = number(math.exp(log_p)) if log_p > _LOWEST else f"10^{log_p / math.log(10.0):.0f}"
    posterior = at.posterior[0]
    top = torch.argsort(posterior, descending=True)[:_LISTED].tolist()
    bars = [
        {
            "name": position([axis[i] for axis in points], _DIGITS),
            "share": float(posterior[i]),
            "text": percent(float(posterior[i])),
            "colour": palette[i % len(palette)],
        }
        for i in top
    ]
    velocity = f"{tr('fan.velocity')} = {position((-at.velocity[0]).tolist(), _DIGITS)}"
    return {"values": [f"pₜ = {density}", velocity], "bars": bars}
