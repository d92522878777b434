"""Widgets that several pages use: ``controls``, ``points_editor``, ``family_editor`` with
``formula_tex``, ``upload``, ``slider_range`` and ``readouts``.
"""
