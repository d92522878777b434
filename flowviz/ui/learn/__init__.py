"""The Learn page: its parts, and the numbers they show."""
