"""The flow of the line as tables, from which a browser computes it: docs/ENGINE.md."""
