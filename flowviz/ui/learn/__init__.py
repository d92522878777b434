"""The Train page: its sections, and the numbers that they show."""
