"""Conditional flow matching: a small network learns the velocity (MATH §4).

``train`` the training run · ``network`` and its ``mlp`` · ``preconditioning`` scales of the flow ·
``edges`` of the prior as features · ``labels`` of examples, for guidance · ``mean_flow`` the
average velocity, for one step · ``sampling`` of (t, x₀, x₁) · ``loop`` the training steps ·
``loss_floor`` the least possible loss · ``evaluation`` the error against the exact field ·
``learned_flow`` trajectories and errors of a learned field · ``progress`` of long computations ·
``export`` as a Python script.
"""

from __future__ import annotations

from flowviz.core.training.network import ACTIVATIONS, NetSpec, VelocityNet, load, notes, weights
from flowviz.core.training.train import (
    DIVERGED,
    TARGETS,
    Diverged,
    TrainSpec,
    TrainState,
    TrainStep,
    train,
    train_with_progress,
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
