"""Scene: one frozen configuration = the link = the cache key = the widgets' values.

The fields of `Scene` are the one table: each line gives a name (the link's key and the widget's
too), what is accepted, and the default; reading, writing and refusing follow. A link reads

    v=1&points=0.5*2,1.2,1.7&prior=uniform&p.low=0&p.high=2&schedule=linear&trajectories=37&…

with the prior's parameters as ``p.<name>`` and the schedule's as ``s.<name>``.
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
    ValidationInfo,
)

from flowviz.grid import ascii_twins, decimal, snap
from flowviz.link import MAX_LINK, VERSION, Notice, Texts, migrate, texts_of, unknown, written
from flowviz.params import PRIOR, SCHEDULE, Params, Registry
from flowviz.point_forms import MAX_POSITION
from flowviz.points import LINK_LIMIT, Points
from flowviz.text import Language, Message, Refusal, excerpt

if TYPE_CHECKING:
    from flowviz.core.field import MarginalField
    from flowviz.core.paths import Path
    from flowviz.core.priors import Prior
    from flowviz.core.schedules import Schedule


def _points(value: object) -> Points:
    """Points, or their link form; never more than a link holds."""
    points = Points.from_link(value) if isinstance(value, str) else value
    if not isinstance(points, Points):
        raise TypeError(f"points must be Points or their text, got {type(points).__name__}")
    if len(points.link) > LINK_LIMIT:
        raise Refusal("error.points.link", n=len(points.link), limit=LINK_LIMIT)
    return points


def _probe(value: object) -> tuple[float, float] | None:
    """A place (t, x) of the picture, or its text ``t,x``; None or an empty text for no place."""
    if value is None or value == "":
        return None
    pair = ascii_twins(value).split(",") if isinstance(value, str) else value
    if isinstance(pair, list | tuple):
        pair = [decimal(number) if isinstance(number, str) else number for number in pair]
    match pair:
        case [float() | int() as t, float() | int() as x]:
            if 0 <= t <= 1 and abs(x) <= MAX_POSITION:
                return snap(t), snap(x)
    label = Message("field.probe")
    raise Refusal("error.field.probe", label=label, token=excerpt(value), limit=MAX_POSITION)


def _params_of(registry: Registry) -> PlainValidator:
    """Parameters made complete and canonical for the entry that the scene names."""

    def check(value: object, info: ValidationInfo) -> Params:
        name = info.data.get(registry.kind)
        if name is None:  # the name itself was refused, and that is reported already
            return ()
        if not isinstance(value, Mapping | tuple | list):
            raise TypeError(f"parameters must be a mapping or pairs, got {type(value).__name__}")
        return registry.canonical(name, dict(value))

    return PlainValidator(check)


Number = Annotated[float, Field(allow_inf_nan=False), AfterValidator(snap)]


class Scene(BaseModel):
    """Everything a visitor chose, and nothing else. The defaults are the article's figure.

    Any field may also be given as the text the link writes for it. ``Scene(...)`` raises a
    `Refusal` that says what is wrong and what is accepted.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    points: Annotated[Points, PlainValidator(_points)] = Points((0.5, 1.2, 1.7), (2.0, 1.0, 1.0))
    prior: Annotated[str, PlainValidator(PRIOR.check)] = "uniform"
    prior_params: Annotated[Params, _params_of(PRIOR)] = Field(default=(), validate_default=True)
    schedule: Annotated[str, PlainValidator(SCHEDULE.check)] = "linear"
    schedule_params: Annotated[Params, _params_of(SCHEDULE)] = Field(
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
    probe: Annotated[tuple[float, float] | None, PlainValidator(_probe)] = None
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
            owner = values.get(registry.kind, cls.model_fields[registry.kind].default)
            values[name], damaged = _read_params(registry, owner, texts)
            notices += damaged
        return cls(**values), notices + unknown(list(texts))

    def to_query(self) -> dict[str, str]:
        """The whole configuration as the link's parameters, defaults too: links outlive them."""
        texts = {"v": str(VERSION)}
        for name in type(self).model_fields:
            value = getattr(self, name)
            if name in _PARAMS:
                texts |= {_PARAMS[name].prefix + key: written(v) for key, v in value}
            elif value is not None:
                texts[name] = written(value)
        return texts

    def query_string(self) -> str:
        """The link after its ``?``, as readable as browsers leave it; at most 4,000 characters."""
        return urlencode(self.to_query(), quote_via=quote, safe="*,~")

    def with_(self, **changes: Any) -> Self:
        """This scene with some fields changed, checked like a new one.

        A new prior or schedule keeps the parameters it shares with the old one where they make
        sense together (location and scale, say), and has its own defaults otherwise.

        Raises:
            Refusal: as ``Scene(...)`` does.
        """
        values = dict(self) | changes
        for name, registry in _PARAMS.items():
            if registry.kind in changes and name not in changes:
                values[name] = registry.carried(changes[registry.kind], getattr(self, name))
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


_PARAMS = {"prior_params": PRIOR, "schedule_params": SCHEDULE}


def _short(name: str, text: str) -> str:
    """The text, unless it is longer than any link of ours: nothing that long is worth reading."""
    if len(text) > MAX_LINK:
        label = Message(f"field.{name}")
        raise Refusal("error.field.long", label=label, n=len(text), limit=MAX_LINK)
    return text


def _drop_params(name: str, texts: Texts) -> None:
    """Forget the parameters of a prior that could not be read: its own notice speaks for them."""
    prefixes = [registry.prefix for registry in _PARAMS.values() if registry.kind == name]
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
