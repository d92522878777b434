"""The light page: the Fan of a scene, answered by the engine in the browser (docs/ENGINE.md)."""
