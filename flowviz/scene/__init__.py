"""One frozen configuration, which is the link, the cache key and the widgets' values.

``scene`` the configuration · ``settings`` its fields, page by page · ``validators`` of the fields ·
``parameters`` of priors, schedules and families · ``points`` the data points, with ``point_set``,
``point_parsing`` and ``packing`` · ``tables`` files and pasted text · ``number_lists`` typed for a
parameter, with ``list_marks`` of all typed lists · ``formula`` typed families, with
``formula_examples``, ``notation`` and ``suggestions`` · ``exercise``
of a link · ``link`` the link's versions ·
``link_repair`` repair of damaged links · ``refusals`` pydantic's errors as messages · ``decimals``
numbers on a grid · ``fitting`` priors to data and data to priors.
"""

from __future__ import annotations

from flowviz.scene.scene import Notice, Scene

__all__ = ["Notice", "Scene"]
