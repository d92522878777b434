"""The Plane page: its sections, and the numbers that they show."""
