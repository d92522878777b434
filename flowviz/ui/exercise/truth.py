"""The right answer of a link's question, computed by the core from the link's scene.

========  ===========================================================  ======
border    the border between the two lowest basins, at t = 1           line
share     per cent of the prior's samples that the first point gets;   both
          on Guidance, of the guided flow, the first of the class      line
density   p_t(x) at the place                                          both
velocity  f_t(x) there, in the article's time                          both
end       where a sample that starts there ends                        both
nfe       evaluations of the velocity for one sample                   Solvers
========  ===========================================================  ======
"""

from __future__ import annotations

import hashlib

import torch
from torch import Tensor

from flowviz.core.transport import basins, trajectories
from flowviz.scene import Scene
from flowviz.scene.locked_answer import LockedAnswer
from flowviz.scene.settings import Space
from flowviz.ui.guidance import compute as guidance
from flowviz.ui.session import valid_family
from flowviz.ui.session.cache import shared_cache
from flowviz.ui.session.keys import flow_key
from flowviz.ui.solvers import compute as solvers

PAGES = {
    "border": ("fan",),
    "share": ("fan", "plane", "guidance"),
    **dict.fromkeys(("density", "velocity", "end"), ("fan", "plane")),
    "nfe": ("solvers",),
}
"""The pages on which each question is asked."""

_SEED = 0


def space_of(page: str, scene: Scene) -> Space:
    """``line`` or ``plane``, as the page shows the scene."""
    own = page in ("solvers", "guidance")
    return "plane" if page == "plane" or (own and scene.space == "plane") else "line"


def truth(page: str, scene: Scene) -> tuple[float, ...] | None:
    """The answer; None where the scene has none, as for a border with one data point."""
    if scene.ask == "nfe":
        return (float(solvers.result(solvers.setup_of(scene), solvers.method_of(scene)).nfe),)
    if page == "guidance":
        return _guided_share(scene) if scene.ask == "share" else None
    space = space_of(page, scene)
    found = _truth(flow_key(scene, space, "ask"), space, place(page, scene))
    return found if found and all(map(torch.isfinite, torch.tensor(found))) else None


def guided_point(scene: Scene) -> float | None:
    """The first data point of the class that is guided towards, on the line; None without one."""
    y = guidance.class_of(scene) if scene.space == "line" else None
    labels = scene.points.labels
    return None if y is None else scene.points.x[labels.index(y)]


def _guided_share(scene: Scene) -> tuple[float, ...] | None:
    """In the plane the shares are counted, and not exact enough for a question."""
    point = guided_point(scene)
    if point is None:
        return None
    found = guidance.shares(guidance.setup_of(scene))
    nearest = int((found.places[:, 0] - point).abs().argmin())
    return (100.0 * float(found.share[nearest]),)


def place(page: str, scene: Scene) -> tuple[float, ...]:
    """What is asked about, (t, x…): of the link; without one, a point where p_t > 0.

    For the question ``end`` the sample starts at x at t = 1, whatever t is.
    """
    space = space_of(page, scene)
    if scene.at is not None and scene.at[0] > 0 and len(scene.at) == (3 if space == "plane" else 2):
        return scene.at
    return _usual_place(flow_key(scene, space), space, start=scene.ask == "end")


@shared_cache(maxsize=64)
def _usual_place(flow: Scene, space: Space, *, start: bool) -> tuple[float, ...]:
    field = flow.field(space)
    x1 = field.prior.sample(1, field.d, generator=torch.Generator().manual_seed(_SEED))
    half = torch.tensor(0.5, dtype=torch.float64)
    x = x1 if start else field.path.forward(x1, field.x0[:1], half)[:, 0]
    return (0.5, *(round(float(v), 2) for v in x[0]))


@shared_cache(maxsize=64)
def _truth(asked: Scene, space: Space, place: tuple[float, ...]) -> tuple[float, ...] | None:
    field, (t, *at) = asked.field(space), place
    x = torch.tensor([at], dtype=torch.float64)
    match asked.ask:
        case "border":
            edges = basins(field).edges
            return (float(edges[1]),) if len(edges) > 2 else None
        case "share":
            alike = (field.x0 == field.x0[0]).all(1)
            return (100.0 * float(field.weights[alike].sum()),)
        case "density":
            return (float(field.log_prob(x, t).exp()),)
        case "velocity":
            return tuple(field(x, t)[0].tolist())
        case "end":
            inside = torch.isfinite(field.prior.log_prob(x)).all()
            return tuple(_end(asked, space, x).tolist()) if inside else None
        case _:
            return None


def _end(asked: Scene, space: Space, x1: Tensor) -> Tensor:
    """Where a sample (1, d) ends, (d,)."""
    return trajectories(asked.field(space), x1, [0.0]).x[0, 0]


def question_of(page: str, scene: Scene) -> str:
    """The digest of what is asked: of the question and of all that its answer depends on."""
    space = space_of(page, scene)
    if scene.ask == "nfe":
        asked: object = flow_key(scene, space, "ask"), solvers.method_of(scene), scene.solver_grid
        asked = asked, scene.solver_last, scene.solver_rho, scene.solver_flow
    elif page == "guidance":
        asked = flow_key(scene, space, "ask"), guidance.setup_of(scene).guide
    else:
        asked = flow_key(scene, space, "ask"), place(page, scene)
    return hashlib.sha256(repr(asked).encode()).hexdigest()[:8]


def numbers_of(page: str, scene: Scene) -> int:
    """How many numbers an answer has."""
    vector = space_of(page, scene) == "plane" and scene.ask in ("velocity", "end")
    return 2 if vector else 1


def locked(page: str, scene: Scene) -> LockedAnswer | None:
    """What was locked; None before, and for a forged answer with another count of numbers."""
    answer = scene.answer
    fits = answer is not None and len(answer.numbers) in (0, numbers_of(page, scene))
    return answer if fits else None


def is_of_scene(answer: LockedAnswer, page: str, scene: Scene) -> bool:
    """Whether an answer was locked for the scene as it is now; a link may not say for which."""
    return answer.question in ("", question_of(page, scene))


def is_asked(page: str, scene: Scene) -> bool:
    """Whether the page asks the link's question, and the scene has an answer to it."""
    return (
        page in PAGES.get(scene.ask, ())
        and not valid_family.violation(scene, space_of(page, scene))
        and truth(page, scene) is not None
    )


def is_covered(page: str, scene: Scene) -> bool:
    """Whether the page asks the link's question and nothing was locked."""
    return page in PAGES.get(scene.ask, ()) and locked(page, scene) is None
