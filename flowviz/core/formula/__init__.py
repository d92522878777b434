"""Formulas as a reader types them: text to tree to torch, never evaluated.

``parse`` the way in, with the language and its limits · ``grammar`` text to tree · ``functions``
what may be called · ``compile`` tree to torch.
"""

from __future__ import annotations

from flowviz.core.formula.parse import ROLES, Formula, FormulaError, parse

__all__ = ["ROLES", "Formula", "FormulaError", "parse"]
