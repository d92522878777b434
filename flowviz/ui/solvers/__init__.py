"""The Solvers page: its parts, and the numbers they show."""
