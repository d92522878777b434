"""FlowViz: flows built from Green's functions, computed exactly."""
