"""The page on one point, Green's function: its parts, and the numbers they show."""
