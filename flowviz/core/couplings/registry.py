"""The registry of couplings, by name."""

from __future__ import annotations

from flowviz.core.couplings.optimal_transport import OptimalTransport
from flowviz.core.couplings.reflow import Reflow
from flowviz.core.field import Coupling, Independent

COUPLINGS: dict[str, type[Coupling]] = {
    "independent": Independent,
    "optimal_transport": OptimalTransport,
    "reflow": Reflow,
}
