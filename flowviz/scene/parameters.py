"""Parameters of priors, schedules and families, read off the registries of ``flowviz.core``.

A prior is a frozen dataclass whose fields carry their range in ``metadata``. Everything a link or
a widget needs follows from them, so that a new prior needs no line here: `Spec` describes a field,
and `Registry.run_key` turns any mapping into the complete, bounded, hashable `Params`. A field
may also be a typed formula; then ``metadata`` names its role.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import Field, dataclass, fields, is_dataclass
from functools import cache
from importlib import import_module
from numbers import Real
from typing import Any, cast

from flowviz.scene.decimals import ascii_twins, decimal, snap
from flowviz.scene.formula import MAX_TEXT, refusal
from flowviz.scene.notation import plain_formula
from flowviz.text import Message, Refusal, excerpt

Value = float | str | tuple[float, ...]
Params = tuple[tuple[str, Value], ...]

_STOPS = 1_000  # of a slider, or up to ten times as many


@dataclass(frozen=True)
class Spec:
    """One parameter: its name, default, range and slider step.

    ``low`` and ``high`` are the slider's usual ends, ``least`` and ``most`` what is accepted; the
    slider follows values and data beyond its ends (``around``).
    ``many`` when it is a list of 1 to ``count`` numbers, ``whole`` when it counts something; with a
    ``role`` it is a formula, and has no range.
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
        """What a dataclass field says of itself; None if it is no parameter to choose."""
        m, default = f.metadata, cast(Value, f.default)
        if "role" in m:
            return cls(f.name, default, role=m["role"])
        if "min" not in m:
            return None
        many, whole = isinstance(default, tuple), isinstance(default, int)
        low, high = m["min"], m["max"]
        least, most = m.get("least", low), m.get("most", high)
        count = int(m.get("count", 1))
        return cls(f.name, default, low, high, m["step"], least, most, count, many, whole)

    @property
    def label(self) -> Message:
        """The parameter's name in words."""
        return Message(f"param.{self.name}")

    def read(self, text: str) -> Value:
        """The value a text writes: ``0.5``, or ``-1.5, 1.5`` for a list.

        Raises:
            Refusal: for anything else, or out of range.
        """
        if self.role:
            return self.canonical(text)
        tokens = ascii_twins(text).replace(";", ",").replace(",", " ").split()
        if not self.many and len(tokens) != 1:
            raise self._refusal("number", text)
        numbers: list[float] = []
        for token in tokens[: self.count + 1]:
            if (value := decimal(token)) is None:
                raise self._refusal("number", token)
            numbers.append(value)
        return self.canonical(numbers if self.many else numbers[0])

    def canonical(self, value: object) -> Value:
        """The value as floats on the grid of 1e-6, within the range; a formula with single spaces.

        Raises:
            Refusal: when it is not a number (for ``many``, not a list of 1 to ``count``), or out of
                range; when a formula cannot be read.
        """
        if self.role:
            return self._formula(value)
        if not self.many:
            return self._one(value)
        values = tuple(value) if isinstance(value, list | tuple) else (value,)
        if not 1 <= len(values) <= self.count:
            raise Refusal("error.param.count", label=self.label, n=len(values), limit=self.count)
        return tuple(self._one(v) for v in values)

    def _one(self, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, Real) or value != value:
            raise self._refusal("number", value)
        number = snap(float(value))
        if not self.least <= number <= self.most or (self.whole and number != int(number)):
            raise self._refusal("whole" if self.whole else "range", f"{number:.10g}")
        return int(number) if self.whole else number

    def _formula(self, value: object) -> str:
        from flowviz.core.formula import FormulaError, parse

        text = plain_formula(value[: MAX_TEXT + 1]) if isinstance(value, str) else ""
        try:
            parse(text, self.role)
        except FormulaError as error:
            raise refusal(error) from error
        return text

    def _refusal(self, kind: str, token: object) -> Refusal:
        return Refusal(
            f"error.param.{kind}",
            label=self.label,
            token=excerpt(token),
            low=self.least,
            high=self.most,
        )

    def around(self, *needed: float) -> tuple[float, float, float]:
        """Ends and step of a slider that reaches all that is needed: the usual ones, or wider.

        Args:
            needed: values that the slider should be able to show; beyond what is accepted it ends.
        """
        reached = [min(max(value, self.least), self.most) for value in needed]
        low, high = min([self.low, *reached]), max([self.high, *reached])
        if (low, high) == (self.low, self.high):
            return low, high, self.step
        unit = 10.0 ** math.floor(math.log10(high - low))  # round ends rest while data move a bit
        if low < self.low:
            low = max(self.least, math.floor(2.0 * low / unit) * unit / 2.0)
        if high > self.high:
            high = min(self.most, math.ceil(2.0 * high / unit) * unit / 2.0)
        return snap(low), snap(high), max(self.step, unit / _STOPS)


@dataclass(frozen=True)
class Registry:
    """A registry of ``flowviz.core`` and how its entries' parameters appear in a link.

    An entry that is a function and no dataclass has no parameters here.

    The module is imported at first use: torch takes a second, and words do not need it.

    Attributes:
        kind: the topic of its words.
        field: the scene's field that names an entry.
        prefix: of its parameters in the link.
        module: where the registry is, and ``tables`` its parts there.
        d: only entries that exist in this many dimensions are offered; 0 for all.
    """

    kind: str
    field: str
    prefix: str
    module: str
    tables: tuple[str, ...]
    d: int = 0

    def classes(self) -> Mapping[str, type[Any]]:
        """Each entry's frozen dataclass, by name."""
        return _entries(self.module, self.tables, self.d)

    def label(self, name: str) -> Message:
        """The entry's name in words."""
        return Message(f"{self.kind}.{name}")

    def specs(self, name: str) -> dict[str, Spec]:
        """The parameters of an entry that have a range or a role, by name and in order."""
        entry = self.classes()[name]
        found = map(Spec.of, fields(entry) if is_dataclass(entry) else ())
        return {spec.name: spec for spec in found if spec is not None}

    def check(self, name: object) -> str:
        """The name, if the registry has it.

        Raises:
            Refusal: listing the names it has.
        """
        names = self.classes()
        if isinstance(name, str) and name.strip() in names:
            return name.strip()
        label, token = Message(f"field.{self.field}"), excerpt(name)
        raise Refusal("error.field.choice", label=label, token=token, choices=", ".join(names))

    def canonical(self, name: str, values: Mapping[str, object]) -> Params:
        """Every parameter of the entry, in order: those given, bounded and on the grid, or default.

        Raises:
            Refusal: for an unknown parameter, one out of range, or values that exclude each other.
        """
        specs = self.specs(name)
        for given in values:
            if given not in specs:
                names, owner = ", ".join(specs) or "—", self.label(name)
                raise Refusal("error.param.unknown", owner=owner, token=excerpt(given), names=names)
        params = tuple(
            (spec.name, spec.canonical(values.get(spec.name, spec.default)))
            for spec in specs.values()
        )
        if params:
            self.build(name, params)
        return params

    def carried(self, name: object, params: Params) -> Params:
        """The parameters of a new entry, with what it shares with the old one where that holds.

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
            Refusal: when they exclude each other (low ≥ high).
        """
        from flowviz.core.formula import FormulaError

        try:
            return self.classes()[name](**dict(params))
        except FormulaError as error:
            raise refusal(error) from error
        except ValueError as error:
            raise self._joint(name, dict(params), error) from error

    def _joint(self, name: str, values: dict[str, Any], error: ValueError) -> Refusal:
        """Why values that are each in range do not go together, in words where we have them."""
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
    parts = [getattr(import_module(module), table) for table in tables]
    entries: dict[str, type[Any]] = {name: e for part in parts for name, e in part.items()}
    return {
        name: entry
        for name, entry in entries.items()
        if d == 0 or not isinstance(entry, type) or entry().exists_in(d)
    }


_PRIORS = "flowviz.core.priors"
PRIOR = Registry("prior", "prior", "p.", _PRIORS, ("PRIORS",), d=1)
PLANE_PRIOR = Registry("prior", "plane_prior", "q.", _PRIORS, ("PRIORS", "PLANE_PRIORS"), d=2)
SCHEDULE = Registry("schedule", "schedule", "s.", "flowviz.core.schedules", ("SCHEDULES",))
_PATHS = "flowviz.core.paths"
FAMILY = Registry("path", "family", "f.", _PATHS, ("PATHS",), d=1)
PLANE_FAMILY = Registry("path", "plane_family", "g.", _PATHS, ("PATHS",), d=2)
