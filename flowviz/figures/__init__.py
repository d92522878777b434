"""Figures: functions from NumPy arrays to Plotly figures, or to the codes a canvas draws."""
