"""Pictures: numpy arrays in, a plotly figure out."""
