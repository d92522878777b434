"""Scene: one frozen configuration, which is the link, the cache key and the widgets' values.

The fields of `Scene` are declared in the groups of `flowviz.scene.settings`, each with its name
(also the key of the link and of the widget), its validator and its default. Parsing, formatting and
refusing are derived from them. A link has the form

    v=2&sum=14fc4b&points=0.5%2A2,1.2,1.7&prior=uniform&p.low=0&p.high=2&family=affine&…

with a checksum after the version, the prior's parameters as ``p.<name>``, the family's as
``f.<name>`` and the schedule's as ``s.<name>``; in the plane they are ``q.<name>`` and
``g.<name>``. Its parameters take no more than 4,000 characters: a scene that needs more is refused.

``Scene.from_query(scene.to_query()) == scene`` for every scene: numbers are on a grid of 1e-6, and
points that do not fit into a link are refused (``Points.shareable`` makes them fit).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Self

from pydantic import ConfigDict, ValidationError, model_validator

from flowviz.scene.exercise import frozen
from flowviz.scene.formula import Typed
from flowviz.scene.link import (
    MAX_LINK,
    Notice,
    Texts,
    encoded,
    head,
    migrate,
    read_params,
    texts_of,
    to_text,
    unknown,
)
from flowviz.scene.link_repair import repaired, without_trackers
from flowviz.scene.parameters import FAMILY, PLANE_FAMILY, PLANE_PRIOR, PRIOR, SCHEDULE
from flowviz.scene.point_set import LINK_LIMIT
from flowviz.scene.refusals import refusal_of
from flowviz.scene.settings import (
    GROUPS,
    OMITTED,
    READER,
    SHOWN,
    CouplingSettings,
    ExerciseSettings,
    GreenSettings,
    GuidanceSettings,
    ImageSettings,
    LearnSettings,
    LessonSettings,
    LineSettings,
    PlaneSettings,
    SharedSettings,
    SolverSettings,
    Space,
    SpaceSettings,
    group_of,
)
from flowviz.text import Message, Refusal

if TYPE_CHECKING:
    from flowviz.core.field import MarginalField
    from flowviz.core.paths import Path
    from flowviz.core.priors import Prior
    from flowviz.core.schedules import Schedule


class Scene(  # fields of the last base come first
    ExerciseSettings,
    LessonSettings,
    CouplingSettings,
    ImageSettings,
    GuidanceSettings,
    SolverSettings,
    LearnSettings,
    GreenSettings,
    SpaceSettings,
    PlaneSettings,
    SharedSettings,
    LineSettings,
):
    """All settings of a visitor. The defaults give the article's figure.

    A field may also be given as its text in the link. ``Scene(...)`` raises a `Refusal`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    if TYPE_CHECKING:  # pydantic defines it for a frozen model, which type checkers do not see

        def __hash__(self) -> int: ...

    if not TYPE_CHECKING:  # a type checker takes the keyword arguments from the fields

        def __init__(self, **values: object) -> None:
            try:
                super().__init__(**values)
            except ValidationError as error:
                why = refusal_of(error, Scene.model_fields, values)
            else:
                return
            # Outside the handler: raised there, it and the error would refer to each other.
            raise why

    @model_validator(mode="after")
    def _fits_a_link(self) -> Self:
        # Each field fits by itself, but two large point sets together may not.
        large = (self.points, self.plane_points, self.formula, self.plane_formula)
        if sum(len(value.link) for value in large) > LINK_LIMIT // 4:
            length = max(self._length(page) for page in SHOWN)
            if length > MAX_LINK:
                raise Refusal("error.link.long", n=length, limit=MAX_LINK)
        return self

    @classmethod
    def from_query(cls, query: Mapping[str, str | Sequence[str]]) -> Self:
        """The scene of a link, with the default for whatever cannot be used."""
        return cls.read_query(query)[0]

    @classmethod
    def read_query(
        cls, query: Mapping[str, str | Sequence[str]], *, unchecked: bool = False
    ) -> tuple[Self, list[Notice]]:
        """The scene of a link, and a notice for each parameter that could not be used.

        Args:
            query: the link's parameters, a text each or a list of texts; from anyone, in any state.
            unchecked: read what can be read of a link that does not match its checksum.

        Returns:
            The scene, with the default where a parameter is missing or damaged; of a link that does
            not match its checksum, the reader's settings alone. And the notices.
        """
        texts, repeated = texts_of(query)
        received, state = repaired(without_trackers(texts), _is_parameter)
        if state == "mangled" and not unchecked:
            readable = {key: received[key] for key in READER if key in received}
            return cls._read(readable)[0], [Notice.mangled()]
        scene, notices = cls._read(received)
        said = [Notice.broken()] if state == "broken" else []
        said += [Notice.repeated(name) for name in repeated if _is_parameter(name)]
        return scene, said + notices

    @classmethod
    def _read(cls, received: Texts) -> tuple[Self, list[Notice]]:
        texts, notices = migrate(received)
        values: dict[str, Any] = {}  # texts become fields through the validators, one at a time
        for name in cls.model_fields:
            if name in texts and name not in _PARAMS:
                text = texts.pop(name)
                try:
                    one: dict[str, Any] = {name: _short(name, text)}
                    values[name] = getattr(cls(**one), name)
                    if name in _FORMULAS:
                        notices += Notice.left_out(name, Typed.from_link(text), values[name])
                except Refusal as refusal:
                    notices.append(Notice.damaged(name, refusal.message))
                    _drop_params(name, texts)
        for name, registry in _PARAMS.items():
            owner = values.get(registry.field, cls.model_fields[registry.field].default)
            values[name], damaged = read_params(registry, owner, texts)
            notices += damaged
        try:
            scene = cls(**values)
        except Refusal as refusal:  # each is valid, but the link would be too long
            notices.append(Notice.damaged("points", refusal.message))
            del values["points"]
            scene = cls(**values)
        return scene, notices + unknown(list(texts))

    def to_query(self, page: str = "fan", also: str | None = None) -> dict[str, str]:
        """The link's parameters without version and checksum, with the fields at default too.

        Args:
            page: the page of the link; groups it does not show are omitted if all at default.
            also: a further group not to omit.
        """
        texts: Texts = {}
        shown = self.shown(page) | {also}
        groups = {g for g in GROUPS if g in shown or not self._untouched(g)}
        for name in type(self).model_fields:
            if group_of(name) not in {None, *groups} or self._unused(name):
                continue
            value = getattr(self, name)
            if name in _PARAMS:
                texts |= {_PARAMS[name].prefix + key: to_text(v) for key, v in value}
            elif value is not None:
                texts[name] = to_text(value)
        return texts

    def query_string(self, page: str = "fan", also: str | None = None) -> str:
        """The link after its ``?``, with few characters escaped.

        It begins with its version and its checksum. What Markdown would interpret is escaped,
        except where the parameters would so be longer than `MAX_LINK`.
        """
        texts = self.to_query(page, also)
        escaped = encoded(texts, safe=",()").replace("~", "%7E")
        return f"{encoded(head(texts))}&{escaped if len(escaped) <= MAX_LINK else encoded(texts)}"

    def _length(self, page: str, also: str | None = None) -> int:
        """The number of characters of the shortest form of a page's parameters."""
        return len(encoded(self.to_query(page, also)))

    def shown(self, page: str) -> frozenset[str]:
        """The groups of settings that a page shows, with the line's or the plane's by `space`."""
        groups = SHOWN[page]
        return groups | {self.space} if "space" in groups else groups

    def with_only(self, *names: str) -> Scene:
        """A scene with this one's values of the named fields and all others at their defaults."""
        return _default().model_copy(update={name: getattr(self, name) for name in names})

    def _untouched(self, group: str) -> bool:
        return all(getattr(self, name) == getattr(_default(), name) for name in _names(group))

    def _unused(self, name: str) -> bool:
        """Whether a field is a formula at default and of no use, or a view at default."""
        if name in OMITTED:
            return getattr(self, name) == getattr(_default(), name)
        family = _FORMULAS.get(name)
        if family is None or getattr(self, family) == "formula":
            return False
        return getattr(self, name) == getattr(_default(), name)

    def link_budget(self, field: str) -> int:
        """The number of characters that a field of points may take in the link."""
        # With changed points, every page's link includes their group.
        longest = max(self._length(page, group_of(field)) for page in SHOWN)
        remainder = longest - len(getattr(self, field).link)
        return max(40, min(LINK_LIMIT, MAX_LINK - remainder))

    def with_(self, **changes: Any) -> Self:
        """This scene with some fields changed, validated like a new one.

        A new prior, family or schedule keeps the values of the parameters that the old one also has
        (location and scale, tr), if they are valid for it, and has its defaults otherwise.

        Raises:
            Refusal: as for ``Scene(...)``.
        """
        values = dict(self) | changes
        for name, registry in _PARAMS.items():
            if registry.field in changes and name not in changes:
                values[name] = registry.transferred(changes[registry.field], getattr(self, name))
        return type(self)(**values)

    def prior_object(self, space: Space = "line") -> Prior:
        """The prior p₁ of the line or of the plane."""
        if space == "plane":
            return PLANE_PRIOR.build(self.plane_prior, self.plane_prior_params)
        return PRIOR.build(self.prior, self.prior_params)

    def schedule_object(self) -> Schedule:
        """The schedule (α_t, σ_t)."""
        return SCHEDULE.build(self.schedule, self.schedule_params)

    def path(self, space: Space = "line") -> Path:
        """The path family of the line or of the plane; only the affine one uses the schedule."""
        registry, name, params, typed = (
            (PLANE_FAMILY, self.plane_family, self.plane_family_params, self.plane_formula)
            if space == "plane"
            else (FAMILY, self.family, self.family_params, self.formula)
        )
        if name == "formula":
            return typed.path(2 if space == "plane" else 1)
        if name == "affine":
            return registry.classes()[name](schedule=self.schedule_object())
        return registry.build(name, params)

    @property
    def frozen(self) -> frozenset[str]:
        """The fields that the exercise of the link hides or freezes."""
        return frozen(self.hide, self.lock)

    def reader(self) -> dict[str, Any]:
        """The settings that are the reader's."""
        return {name: getattr(self, name) for name in READER}

    @property
    def enlarged(self) -> bool:
        """Whether text and lines are large: for a projector, and while it is presented."""
        return self.large or self.present

    def straight(self, space: Space = "line") -> bool:
        """Whether the conditional trajectories are x_t = (1 − t) x₀ + t x₁."""
        family = self.plane_family if space == "plane" else self.family
        return (family, self.schedule) == ("affine", "linear")

    def field(self, space: Space = "line") -> MarginalField:
        """The exact marginal field of the points, the prior and the path."""
        import torch

        from flowviz.core.field import MarginalField

        if space == "plane":
            rows = torch.tensor(self.plane_points.rows, dtype=torch.float64)
            x0, weights = rows[:, :2].contiguous(), rows[:, 2]
        else:
            x0 = torch.tensor(self.points.x, dtype=torch.float64)[:, None]
            weights = torch.tensor(self.points.w, dtype=torch.float64)
        return MarginalField(x0, weights, self.prior_object(space), self.path(space))


_PARAMS = {
    "prior_params": PRIOR,
    "family_params": FAMILY,
    "schedule_params": SCHEDULE,
    "plane_prior_params": PLANE_PRIOR,
    "plane_family_params": PLANE_FAMILY,
}
_FORMULAS = {"formula": "family", "plane_formula": "plane_family"}


def _is_parameter(name: str) -> bool:
    """Whether a link of ours may have a parameter of that name."""
    if name == "v" or (name in Scene.model_fields and name not in _PARAMS):
        return True
    return name.startswith(tuple(registry.prefix for registry in _PARAMS.values()))


@cache
def _default() -> Scene:
    return Scene()  # made at first use: it needs the registries, which import torch


def _names(group: str) -> list[str]:
    """The fields of a group."""
    return list(GROUPS[group].model_fields)


def _short(name: str, text: str) -> str:
    """The text; refused if it is longer than any link may be, before it is parsed."""
    if len(text) > MAX_LINK:
        label = Message(f"field.{name}")
        raise Refusal("error.field.long", label=label, n=len(text), limit=MAX_LINK)
    return text


def _drop_params(name: str, texts: Texts) -> None:
    """Drop the parameters of a refused prior, family or schedule: its notice is enough."""
    prefixes = [registry.prefix for registry in _PARAMS.values() if registry.field == name]
    for key in [key for key in texts if key.startswith(tuple(prefixes))]:
        del texts[key]
