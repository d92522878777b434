"""The Green page, on one data point: its steps, and the numbers that they show."""
