"""The settings of the page Learn."""

from __future__ import annotations

from pydantic import BaseModel


class LearnSettings(BaseModel):
    """The page's own settings."""
