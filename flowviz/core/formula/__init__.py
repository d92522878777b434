"""Typed formulas: text to syntax tree to torch functions, never evaluated as Python.

``parse`` the entry point, with the language and its limits · ``grammar`` text to tree ·
``functions`` the functions of the language · ``compile`` tree to torch · ``affine`` whether a
formula is affine in a variable.
"""

from __future__ import annotations

from flowviz.core.formula.parse import ROLES, Formula, FormulaError, parse

__all__ = ["ROLES", "Formula", "FormulaError", "parse"]
