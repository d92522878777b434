"""The settings of the page on one point, Green's function."""

from __future__ import annotations

from pydantic import BaseModel


class GreenSettings(BaseModel):
    """The page's own settings."""
