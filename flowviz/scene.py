"""Scene: one frozen configuration = the link = the cache key = the widgets' values.

The fields of `Scene` are the one table: each line gives a name (the link's key and the widget's
too), what is accepted, and the default; reading, writing and refusing follow. A link reads

    v=1&points=0.5*2,1.2,1.7&prior=uniform&p.low=0&p.high=2&schedule=linear&trajectories=37&…

with the prior's parameters as ``p.<name>`` and the schedule's as ``s.<name>``. Fields that begin
with ``plane_`` are the Plane page's own, its prior's parameters ``q.<name>``; a link leaves them
out while all of them are as they were found, unless it is of that page. The whole link is never
longer than 4,000 characters: a scene that would be is refused.
``Scene.from_query(scene.to_query()) == scene``, always: numbers live on a grid of 1e-6, and points
that would not fit a link are refused here (``Points.shareable`` makes them fit).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, get_args
from urllib.parse import quote, urlencode

from annotated_types import Ge, Le
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationError,
    model_validator,
)

from flowviz.fields import params_of, place, point_set, views
from flowviz.grid import snap
from flowviz.link import MAX_LINK, VERSION, Notice, Texts, migrate, texts_of, unknown, written
from flowviz.params import PLANE_PRIOR, PRIOR, SCHEDULE, Params, Registry
from flowviz.plane_points import PlanePoints
from flowviz.points import LINK_LIMIT, Points
from flowviz.text import Language, Message, Refusal, excerpt

if TYPE_CHECKING:
    from flowviz.core.field import MarginalField
    from flowviz.core.paths import Path
    from flowviz.core.priors import Prior
    from flowviz.core.schedules import Schedule


Number = Annotated[float, Field(allow_inf_nan=False), AfterValidator(snap)]


class Scene(BaseModel):
    """Everything a visitor chose, and nothing else. The defaults are the article's figure.

    Any field may also be given as the text the link writes for it. ``Scene(...)`` raises a
    `Refusal` that says what is wrong and what is accepted.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    points: Annotated[Points, point_set(Points)] = Points((0.5, 1.2, 1.7), (2.0, 1.0, 1.0))
    prior: Annotated[str, PlainValidator(PRIOR.check)] = "uniform"
    prior_params: Annotated[Params, params_of(PRIOR)] = Field(default=(), validate_default=True)
    schedule: Annotated[str, PlainValidator(SCHEDULE.check)] = "linear"
    schedule_params: Annotated[Params, params_of(SCHEDULE)] = Field(
        default=(), validate_default=True
    )
    trajectories: Annotated[int, Field(ge=1, le=400)] = 37
    launch: Literal["steps", "probability"] = "steps"
    color: Literal["basin", "x1"] = "basin"
    heatmap: bool = True
    fan: bool = True
    arrows: bool = False
    time: Annotated[Number, Field(ge=0, le=1)] = 0.5
    speed: Annotated[Number, Field(ge=0.1, le=10)] = 1.0
    probe: Annotated[tuple[float, float] | None, place("probe", 1)] = None
    plane_points: Annotated[PlanePoints, point_set(PlanePoints)] = PlanePoints(
        (1.2, -1.3, -0.4, 1.1), (0.9, 0.7, -1.2, -1.0), (2.0, 1.0, 1.0, 1.0)
    )
    plane_prior: Annotated[str, PlainValidator(PLANE_PRIOR.check)] = "gaussian"
    plane_prior_params: Annotated[Params, params_of(PLANE_PRIOR)] = Field(
        default=(), validate_default=True
    )
    plane_particles: Annotated[int, Field(ge=1, le=2000)] = 300
    plane_views: Annotated[tuple[str, ...], PlainValidator(views)] = (
        "density",
        "lines",
        "particles",
    )
    plane_scale: Literal["linear", "log"] = "linear"
    plane_probe: Annotated[tuple[float, float, float] | None, place("plane_probe", 2)] = None
    lang: Language = "en"
    large: bool = False

    if TYPE_CHECKING:  # pydantic makes it, unseen: a frozen model is its fields' hash

        def __hash__(self) -> int: ...

    if not TYPE_CHECKING:  # so that a type checker keeps seeing the fields as keyword arguments

        def __init__(self, **values: object) -> None:
            try:
                super().__init__(**values)
            except ValidationError as error:
                raise _refusal(error) from None

    @model_validator(mode="after")
    def _fits_a_link(self) -> Self:
        # Alone each part fits; two large point sets together may not.
        if len(self.points.link) + len(self.plane_points.link) > LINK_LIMIT // 2:
            length = len(self.query_string("plane"))
            if length > MAX_LINK:
                raise Refusal("error.link.long", n=length, limit=MAX_LINK)
        return self

    @classmethod
    def from_query(cls, query: Mapping[str, str | Sequence[str]]) -> Self:
        """The scene of a link; what cannot be used falls back to its default in silence."""
        return cls.read_query(query)[0]

    @classmethod
    def read_query(cls, query: Mapping[str, str | Sequence[str]]) -> tuple[Self, list[Notice]]:
        """The scene of a link, and a notice for each parameter that could not be used.

        Args:
            query: the link's parameters, a text each or a list of texts; from anyone, in any state.

        Returns:
            The scene, with the default where a parameter is missing or damaged; the notices.
        """
        texts, notices = migrate(texts_of(query))
        values: dict[str, Any] = {}  # texts become fields through the validators, one at a time
        for name in cls.model_fields:
            if name in texts and name not in _PARAMS:
                text = texts.pop(name)
                try:
                    one: dict[str, Any] = {name: _short(name, text)}
                    values[name] = getattr(cls(**one), name)
                except Refusal as refusal:
                    notices.append(Notice.damaged(name, refusal.message))
                    _drop_params(name, texts)
        for name, registry in _PARAMS.items():
            owner = values.get(registry.field, cls.model_fields[registry.field].default)
            values[name], damaged = _read_params(registry, owner, texts)
            notices += damaged
        try:
            scene = cls(**values)
        except Refusal as refusal:  # each part is right, and together they are too long
            notices.append(Notice.damaged("points", refusal.message))
            del values["points"]
            scene = cls(**values)
        return scene, notices + unknown(list(texts))

    def to_query(self, page: str = "fan") -> dict[str, str]:
        """The whole configuration as the link's parameters, defaults too: links outlive them.

        Args:
            page: whose link it is; the other page's fields are left out if all are at default.
        """
        texts = {"v": str(VERSION)}
        plane = page == "plane" or self.of("fan") != self
        for name in type(self).model_fields:
            if name.startswith(PLANE) and not plane:
                continue
            value = getattr(self, name)
            if name in _PARAMS:
                texts |= {_PARAMS[name].prefix + key: written(v) for key, v in value}
            elif value is not None:
                texts[name] = written(value)
        return texts

    def query_string(self, page: str = "fan") -> str:
        """The link after its ``?``, as readable as browsers leave it; at most 4,000 characters."""
        return urlencode(self.to_query(page), quote_via=quote, safe="*,~()")

    def of(self, page: str) -> Self:
        """This scene with what only the other page shows at default: a key for caches."""
        other = {
            name: field.get_default()
            for name, field in type(self).model_fields.items()
            if (name in _LINE if page == "plane" else name.startswith(PLANE))
        }
        return self.model_copy(update=other | _completed(other))

    def room(self, field: str) -> int:
        """Characters of the link that a set of points may take beside all the rest."""
        taken = len(self.query_string("plane")) - len(getattr(self, field).link)
        return max(40, min(LINK_LIMIT, MAX_LINK - taken))

    def with_(self, **changes: Any) -> Self:
        """This scene with some fields changed, checked like a new one.

        A new prior or schedule keeps the parameters it shares with the old one where they make
        sense together (location and scale, say), and has its own defaults otherwise.

        Raises:
            Refusal: as ``Scene(...)`` does.
        """
        values = dict(self) | changes
        for name, registry in _PARAMS.items():
            if registry.field in changes and name not in changes:
                values[name] = registry.carried(changes[registry.field], getattr(self, name))
        return type(self)(**values)

    def prior_object(self) -> Prior:
        """The prior p₁."""
        return PRIOR.build(self.prior, self.prior_params)

    def schedule_object(self) -> Schedule:
        """The schedule (α_t, σ_t)."""
        return SCHEDULE.build(self.schedule, self.schedule_params)

    def path(self) -> Path:
        """The trajectory family x_t = α_t x₀ + σ_t x₁."""
        from flowviz.core.paths import PATHS

        return PATHS["affine"](schedule=self.schedule_object())

    def field(self) -> MarginalField:
        """The exact marginal field of these points, this prior and this path."""
        import torch

        from flowviz.core.field import MarginalField

        x0 = torch.tensor(self.points.x, dtype=torch.float64)[:, None]
        weights = torch.tensor(self.points.w, dtype=torch.float64)
        return MarginalField(x0, weights, self.prior_object(), self.path())

    def plane_field(self) -> MarginalField:
        """The exact marginal field of the plane's points and prior."""
        import torch

        from flowviz.core.field import MarginalField

        rows = torch.tensor(self.plane_points.rows, dtype=torch.float64)
        prior = PLANE_PRIOR.build(self.plane_prior, self.plane_prior_params)
        return MarginalField(rows[:, :2].contiguous(), rows[:, 2], prior, self.path())


PLANE = "plane_"  # what the names of the Plane page's own fields begin with
_LINE = {"points", "prior", "prior_params", "trajectories", "launch", "color"}
_LINE |= {"heatmap", "fan", "arrows", "probe"}  # the Fan page's own
_PARAMS = {
    "prior_params": PRIOR,
    "schedule_params": SCHEDULE,
    "plane_prior_params": PLANE_PRIOR,
}


def _completed(values: Mapping[str, Any]) -> dict[str, Params]:
    """The default parameters of the priors among these values."""
    return {
        name: registry.canonical(values[registry.field], {})
        for name, registry in _PARAMS.items()
        if registry.field in values
    }


def _short(name: str, text: str) -> str:
    """The text, unless it is longer than any link of ours: nothing that long is worth reading."""
    if len(text) > MAX_LINK:
        label = Message(f"field.{name}")
        raise Refusal("error.field.long", label=label, n=len(text), limit=MAX_LINK)
    return text


def _drop_params(name: str, texts: Texts) -> None:
    """Forget the parameters of a prior that could not be read: its own notice speaks for them."""
    prefixes = [registry.prefix for registry in _PARAMS.values() if registry.field == name]
    for key in [key for key in texts if key.startswith(tuple(prefixes))]:
        del texts[key]


def _read_params(registry: Registry, owner: str, texts: Texts) -> tuple[Params, list[Notice]]:
    """The parameters of ``owner`` in the link, taken out of ``texts``, and notices of damage.

    One that cannot be read alone falls back alone; when those that can be read exclude each other
    (low ≥ high), nobody knows which was meant, and all fall back together.
    """
    values: dict[str, object] = {}
    notices: list[Notice] = []
    for name, spec in registry.specs(owner).items():
        key = registry.prefix + name
        if key in texts:
            try:
                values[name] = spec.read(texts.pop(key)[: MAX_LINK + 1])
            except Refusal as refusal:
                notices.append(Notice.damaged(key, refusal.message))
    try:
        return registry.canonical(owner, values), notices
    except Refusal as refusal:
        names = ", ".join(registry.prefix + name for name in values)
        notices.append(Notice.damaged(names, refusal.message))
        return registry.canonical(owner, {}), notices


def _refusal(error: ValidationError) -> Refusal:
    """The first of pydantic's complaints, in our words: what was given and what is accepted."""
    first = error.errors(include_url=False)[0]
    cause = first.get("ctx", {}).get("error")
    if isinstance(cause, Refusal):
        return cause
    name, token = str(first["loc"][0]), excerpt(first["input"])
    field = Scene.model_fields.get(name)
    if field is None:
        return Refusal("error.field.unknown", token=excerpt(name))
    label = Message(f"field.{name}")
    if field.annotation is bool:
        return Refusal("error.field.flag", label=label, token=token)
    if choices := get_args(field.annotation):
        names = ", ".join(map(str, choices))
        return Refusal("error.field.choice", label=label, token=token, choices=names)
    kind = "whole" if field.annotation is int else "range"
    low = next(bound.ge for bound in field.metadata if isinstance(bound, Ge))
    high = next(bound.le for bound in field.metadata if isinstance(bound, Le))
    return Refusal(f"error.field.{kind}", label=label, token=token, low=low, high=high)
