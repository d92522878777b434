"""The page Guidance."""
