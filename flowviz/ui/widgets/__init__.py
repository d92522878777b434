"""Widgets of several pages: ``flow_sidebar`` the sections on the flow, with ``controls``,
``points_editor``, ``points_reading``, ``samples_editor``, ``data_scale``, ``rounding``, ``upload``,
``family_editor``, ``formula_tex``, ``number_list`` and ``slider_range``, and ``frozen`` in their
place; ``question``, answered before its answer is shown; ``readouts``, ``glossary``,
``progress_bar``.
"""
