"""Derivatives, roots and integration: mathematics that knows no flow.

``autodiff`` one derivative in one pass · ``jacobians`` all of them · ``roots`` of increasing
functions · ``inversion`` of maps · ``adaptive`` integration, each trajectory at its own pace, by
the steps of ``stages``, and what lies between their ends in ``dense``.
"""
