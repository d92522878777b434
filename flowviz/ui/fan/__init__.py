"""The Fan page: its parts, and the numbers they show."""
