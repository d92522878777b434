"""Parameters of priors, schedules and families, derived from the registries of ``flowviz.core``.

A prior is a frozen dataclass with each field's range in its ``metadata``. Links and widgets are
generated from that, so that a new prior needs no change here: `Spec` describes a field, and
`Registry.canonical` turns a mapping into the complete, bounded, hashable `Params`. A field may also
be a typed formula; then ``metadata`` has its role.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import Field, dataclass, fields, is_dataclass
from dataclasses import field as dataclass_field
from functools import cache
from importlib import import_module
from itertools import islice
from numbers import Real
from types import MappingProxyType
from typing import Any, cast

from flowviz.scene.aliases import ALIASES, EXPLODING, bare
from flowviz.scene.decimals import numerals, parse_decimal, snap_fine, snap_together, to_float
from flowviz.scene.formula import MAX_TEXT, refusal
from flowviz.scene.notation import plain_formula
from flowviz.scene.point_parsing import decimal_commas
from flowviz.text import Message, Refusal, excerpt

Value = float | str | tuple[float, ...]
Params = tuple[tuple[str, Value], ...]

_TOKEN = re.compile(r"[^\s,;]+")  # of a list
_STOPS = 1_000  # of a slider, or up to ten times as many
_RESOLVED = 20  # steps of a slider; data of a smaller extent need a finer one
_MARGIN = 5.0  # around such data, in units of their extent


@dataclass(frozen=True)
class Spec:
    """One parameter: its name, default, range and slider step.

    ``low`` and ``high``: the slider's usual range; ``least`` and ``most``: the accepted one; the
    slider is extended to values and data beyond its range (``around``). ``many``: it is a list of 1
    to ``count`` numbers; ``whole``: an integer; ``role``: if not empty, it is a formula with this
    role, and has no range.
    """

    name: str
    default: Value
    low: float = 0.0
    high: float = 0.0
    step: float = 0.0
    least: float = 0.0
    most: float = 0.0
    count: int = 1
    many: bool = False
    whole: bool = False
    role: str = ""

    @classmethod
    def of(cls, f: Field[Any]) -> Spec | None:
        """The parameter that a dataclass field declares; None for a field that cannot be chosen."""
        data, default = f.metadata, cast(Value, f.default)
        if "role" in data:
            return cls(f.name, default, role=data["role"])
        if "min" not in data:
            return None
        many, whole = isinstance(default, tuple), isinstance(default, int)
        low, high = data["min"], data["max"]
        least, most = data.get("least", low), data.get("most", high)
        count = int(data.get("count", 1))
        return cls(f.name, default, low, high, data["step"], least, most, count, many, whole)

    @property
    def label(self) -> Message:
        """The parameter's name as a message."""
        return Message(f"param.{self.name}")

    def read(self, text: str) -> Value:
        """Parse a value: ``0.5``, or ``-1.5, 1.5`` for a list, ``-1,5; 1,5`` with decimal commas.

        Other meanings of a list that is typed are in `number_lists`.

        Raises:
            Refusal: for any other text, or a value out of range.
        """
        if self.role:
            return self.canonical(text)
        plain = numerals(decimal_commas(text) if self.many else text)
        tokens = list(islice(_TOKEN.finditer(plain), self.count + 1))
        if not self.many and len(tokens) != 1:
            raise self._refusal("number", text)
        numbers: list[float] = []
        for token in tokens:
            written = text[token.start() : token.end()]
            if (value := parse_decimal(token[0])) is None:
                raise self._refusal("number", written)
            if not self.least <= snap_together([value])[0] <= self.most:
                raise self._refusal("whole" if self.whole else "range", written)
            numbers.append(value)
        return self.canonical(numbers if self.many else numbers[0])

    def canonical(self, value: object) -> Value:
        """The value as floats on the grid of positions, within the range; a formula in its signs.

        Raises:
            Refusal: when it is not a number (for ``many``, not a list of 1 to ``count``), or out of
                range; when a formula cannot be parsed.
        """
        if self.role:
            return self._formula(value)
        if not self.many:
            return self._on_grid([value])[0]
        values = tuple(value) if isinstance(value, list | tuple) else (value,)
        if not 1 <= len(values) <= self.count:
            raise Refusal("error.param.count", label=self.label, n=len(values), limit=self.count)
        return tuple(self._on_grid(values))

    def _on_grid(self, values: Iterable[object]) -> list[float]:
        return [self._in_range(v) for v in snap_together(map(self._number, values))]

    def _number(self, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, Real) or value != value:
            raise self._refusal("number", value)
        return to_float(value)

    def _in_range(self, number: float) -> float:
        if not self.least <= number <= self.most or (self.whole and number != int(number)):
            raise self._refusal("whole" if self.whole else "range", f"{number:.10g}")
        return int(number) if self.whole else number

    def _formula(self, value: object) -> str:
        from flowviz.core.formula import FormulaError, parse

        text = plain_formula(value[: MAX_TEXT + 1]) if isinstance(value, str) else ""
        try:
            parse(text, self.role)
        except FormulaError as error:
            why = refusal(error).message
            raise Refusal("error.param.formula", label=self.label, why=why) from error
        return text

    def _refusal(self, kind: str, token: object) -> Refusal:
        return Refusal(
            f"error.param.{kind}",
            label=self.label,
            token=excerpt(token),
            low=self.least,
            high=self.most,
        )

    def around(self, *needed: float, extent: float = math.inf) -> tuple[float, float, float]:
        """Ends and step of a slider that reaches all that is needed: the usual ones, or wider.

        Args:
            needed: values that the slider should be able to show; beyond what is accepted it ends.
            extent: of the data. If it is only a few steps, the slider is finer, and no wider than
                is needed.
        """
        fine = 0.0 < extent < _RESOLVED * self.step and bool(needed)
        margins = [-_MARGIN * extent, _MARGIN * extent] if fine else [0.0]
        widened = (value + margin for value in needed for margin in margins)
        reached = [min(max(value, self.least), self.most) for value in widened]
        usual = [] if fine else [self.low, self.high]
        low, high = min([*usual, *reached]), max([*usual, *reached])
        if (low, high) == (self.low, self.high):
            return low, high, self.step
        extent = max(high - low, self.step)
        unit = 10.0 ** math.floor(math.log10(extent))  # round ends rest while data move a bit
        if fine or low < self.low:
            low = max(self.least, math.floor(2.0 * low / unit) * unit / 2.0)
        if fine or high > self.high:
            high = min(self.most, math.ceil(2.0 * high / unit) * unit / 2.0)
        step = (min if fine else max)(self.step, unit / _STOPS)
        return snap_fine(low), snap_fine(high), step


@dataclass(frozen=True)
class Registry:
    """A registry of ``flowviz.core``, and the link keys of its entries' parameters.

    An entry that is a function instead of a dataclass has no parameters.

    The module is imported at first use, because importing torch takes a second.

    Attributes:
        kind: the first part of its text keys.
        field: the scene's field that names the chosen entry.
        prefix: of its parameters' keys in the link.
        module: the module of the registry; ``tables``, the dicts in it.
        d: only entries that exist in this dimension are offered; 0 for all.
        aliases: other names of entries, as `aliases.bare` writes them.
    """

    kind: str
    field: str
    prefix: str
    module: str
    tables: tuple[str, ...]
    d: int = 0
    aliases: Mapping[str, str] = dataclass_field(default_factory=dict, hash=False)

    def classes(self) -> Mapping[str, type[Any]]:
        """Each entry's frozen dataclass, by name."""
        return _entries(self.module, self.tables, self.d)

    def label(self, name: str) -> Message:
        """The entry's name as a message."""
        return Message(f"{self.kind}.{name}")

    def specs(self, name: str) -> Mapping[str, Spec]:
        """The parameters of an entry, by name and in order."""
        return _specs(self.classes()[name])

    def check(self, name: object) -> str:
        """The entry of that name, or of that alias, without spaces around it.

        Raises:
            Refusal: otherwise, with the list of names.
        """
        names = self.classes()
        if isinstance(name, str) and name.strip() in names:
            return name.strip()
        if isinstance(name, str) and self.aliases:
            if (entry := bare(name)) in names:
                return entry
            if entry in self.aliases:
                return self.aliases[entry]
            if entry in EXPLODING:
                raise Refusal("error.schedule.exploding", token=excerpt(name))
        label, token = Message(f"field.{self.field}"), excerpt(name)
        others = (f"{alias} (= {name})" for alias, name in self.aliases.items())
        raise Refusal(
            "error.field.choice", label=label, token=token, choices=", ".join([*names, *others])
        )

    def canonical(self, name: str, values: Mapping[str, object]) -> Params:
        """All parameters of the entry, in order: the given values on the grid, or the defaults.

        Raises:
            Refusal: for an unknown parameter, one out of range, or inconsistent values.
        """
        specs = self.specs(name)
        for key in values:
            if key not in specs:
                names, owner = ", ".join(specs) or "—", self.label(name)
                raise Refusal("error.param.unknown", owner=owner, token=excerpt(key), names=names)
        params = tuple(
            (spec.name, spec.canonical(values.get(spec.name, spec.default)))
            for spec in specs.values()
        )
        if params:
            self.build(name, params)
        return params

    def transferred(self, name: object, params: Params) -> Params:
        """The parameters of another entry: the values of those it has too, else its defaults.

        Args:
            name: the new entry.
            params: the old entry's parameters.

        Raises:
            Refusal: when the registry has no such entry.
        """
        entry = self.check(name)
        specs = self.specs(entry)
        try:
            return self.canonical(entry, {key: v for key, v in params if key in specs})
        except Refusal:
            return self.canonical(entry, {})

    def build(self, name: str, params: Params) -> Any:
        """The object of ``flowviz.core`` with these parameters.

        Raises:
            Refusal: when they are inconsistent (low ≥ high).
        """
        from flowviz.core.formula import FormulaError

        try:
            return self.classes()[name](**dict(params))
        except FormulaError as error:
            raise refusal(error) from error
        except ValueError as error:
            raise self._joint(name, dict(params), error) from error

    def _joint(self, name: str, values: dict[str, Any], error: ValueError) -> Refusal:
        """The refusal of values that are each in range but inconsistent."""
        low, high, mode = (values.get(key) for key in ("low", "high", "mode"))
        if low is not None and high is not None:
            ends = {"low": low, "high": high}
            if low >= high or mode is None:
                return Refusal("error.params.order", **ends)
            return Refusal("error.params.mode", mode=mode, **ends)
        lengths = {key: len(v) for key, v in values.items() if isinstance(v, tuple)}
        if set(lengths) == {"means", "scales", "weights"} and len(set(lengths.values())) > 1:
            return Refusal("error.params.lengths", **lengths)
        if {"correlations", "samples_x"} & set(lengths) and len(set(lengths.values())) > 1:
            counts = ", ".join(map(str, lengths.values()))
            return Refusal("error.params.columns", counts=counts)
        return Refusal("error.params.joint", owner=self.label(name), detail=str(error))


@cache
def _entries(module: str, tables: tuple[str, ...], d: int) -> Mapping[str, type[Any]]:
    registries = [getattr(import_module(module), table) for table in tables]
    entries: dict[str, type[Any]] = {k: v for registry in registries for k, v in registry.items()}
    return {
        name: entry
        for name, entry in entries.items()
        if d == 0 or not isinstance(entry, type) or entry().exists_in(d)
    }


_PRIORS = "flowviz.core.priors"
PRIOR = Registry("prior", "prior", "p.", _PRIORS, ("PRIORS",), d=1)
PLANE_PRIOR = Registry("prior", "plane_prior", "q.", _PRIORS, ("PRIORS", "PLANE_PRIORS"), d=2)
SCHEDULE = Registry(
    "schedule", "schedule", "s.", "flowviz.core.schedules", ("SCHEDULES",), aliases=ALIASES
)
_PATHS = "flowviz.core.paths"
FAMILY = Registry("path", "family", "f.", _PATHS, ("PATHS",), d=1)
PLANE_FAMILY = Registry("path", "plane_family", "g.", _PATHS, ("PATHS",), d=2)


@cache
def _specs(entry: type[Any]) -> Mapping[str, Spec]:
    specs = map(Spec.of, fields(entry) if is_dataclass(entry) else ())
    return MappingProxyType({spec.name: spec for spec in specs if spec is not None})
