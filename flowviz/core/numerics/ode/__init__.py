"""Differential equations solved for many trajectories at once, each at its own pace.

``problem`` what is asked and answered · ``solve`` the loop · ``step`` one trial step of DOP853 ·
``interpolant`` what lies between its ends · ``events`` where the slope's formula changes.
"""
