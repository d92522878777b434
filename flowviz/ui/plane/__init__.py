"""The Plane page: its parts, and the numbers they show."""
