"""Conditional flow matching: a small network learns the velocity (MATH §4).

``train`` runs it · ``network`` and its ``mlp`` · ``preconditioning`` what need not be learned ·
``sampling`` of (t, x₀, x₁) · ``loop`` one step · ``loss_floor`` the least loss · ``evaluation`` the
true error · ``learned_flow`` what comes of it · ``progress`` of long sums · ``export`` a
script to take away.
"""

from __future__ import annotations

from flowviz.core.training.train import (
    ACTIVATIONS,
    DIVERGED,
    TARGETS,
    Diverged,
    NetSpec,
    TrainSpec,
    TrainState,
    TrainStep,
    VelocityNet,
    load,
    notes,
    train,
    train_with_progress,
    weights,
)

__all__ = [
    "ACTIVATIONS",
    "DIVERGED",
    "TARGETS",
    "Diverged",
    "NetSpec",
    "TrainSpec",
    "TrainState",
    "TrainStep",
    "VelocityNet",
    "load",
    "notes",
    "train",
    "train_with_progress",
    "weights",
]
