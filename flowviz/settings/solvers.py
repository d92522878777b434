"""The settings of the page Solvers."""

from __future__ import annotations

from pydantic import BaseModel


class SolverSettings(BaseModel):
    """The page's own settings."""
