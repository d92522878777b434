"""Couplings: how the prior and the data are paired, and what moving along them costs (MATH §6).

``optimal_transport`` the pairing of least cost, by ``laguerre`` cells · ``reflow`` x₁ with the end
of its trajectory · ``intervals`` both on the line · ``minibatch`` pairs within batches, sampled ·
``energy`` cost, kinetic energy and floor · ``registry`` all couplings by name. The base class is in
``field.coupling``.
"""

from __future__ import annotations

from flowviz.core.couplings.energy import Energy, energy
from flowviz.core.couplings.minibatch import MinibatchPairs, minibatch_pairs
from flowviz.core.couplings.optimal_transport import OptimalTransport
from flowviz.core.couplings.reflow import Reflow
from flowviz.core.couplings.registry import COUPLINGS
from flowviz.core.field import Coupling, Independent

__all__ = [
    "COUPLINGS",
    "Coupling",
    "Energy",
    "Independent",
    "MinibatchPairs",
    "OptimalTransport",
    "Reflow",
    "energy",
    "minibatch_pairs",
]
