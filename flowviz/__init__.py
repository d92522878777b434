"""FlowViz: flows built from Green's functions, computed exactly.

Pick data points, a prior and a family of trajectories, and see the exact flow that carries the
prior to the data. Time is the article's: t = 0 is data, t = 1 is the prior. A tour in fifteen
minutes, in the order to read the modules:

1. ``core.priors``     distributions p₁ of the endpoint x₁, in any dimension or for d = 2.
2. ``core.schedules``  (α_t, σ_t): x_t = α_t x₀ + σ_t x₁. All are one flow, rescaled in time and x.
3. ``core.paths``      one data point: a family of trajectories gives a velocity and a density.
4. ``core.field``      many points: densities add, velocities average with posterior weights.
5. ``core.transport``  the trajectories; for d = 1, roots of a conserved distribution function.
   ``core.couplings``  prior and data paired by optimal transport, or by the flow itself.
   ``core.guidance``   labelled points, and the flow pushed towards one label.
6. ``core.checks``     exact identities, evaluated on the results that are shown.
7. ``core.training``   a small network that learns the velocity, and the exact floor of its loss.
8. ``core.solvers``    the same flow in a few steps: nine solvers, each a tableau or a step formula.
9. ``scene``           one configuration, as it is kept in a link; fields in ``scene.settings``.
10. ``figures``        from arrays to Plotly figures.
11. ``ui``, ``text``   the application and its texts; a package for each page.

A first example::

    import torch
    from flowviz.core.datasets import DATASETS
    from flowviz.core.field import MarginalField
    from flowviz.core.paths import PATHS
    from flowviz.core.priors import PRIORS
    from flowviz.core.transport import launch, trajectories

    prior = PRIORS["uniform"](low=0.0, high=2.0)
    field = MarginalField(*DATASETS["article"].tensors(), prior, PATHS["affine"]())
    x1 = launch(prior, 37)
    shown = trajectories(field, x1, torch.linspace(0, 1, 101, dtype=torch.float64))
    shown.x      # (37, 101, 1): every trajectory, exact to rounding
    shown.basin  # (37,): the data point each one reaches

Source: Su Jianlin, "Generative diffusion models (15): general steps for constructing ODEs, part 2",
2022-12-22, kexue.fm/archives/9379.
"""
