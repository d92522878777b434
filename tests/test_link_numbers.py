"""One grammar for all numbers of a link, and small ones are kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

import pytest
from annotated_types import Ge, Le

from flowviz.scene import Scene
from flowviz.scene.parameters import (
    FAMILY,
    PLANE_FAMILY,
    PLANE_PRIOR,
    PRIOR,
    SCHEDULE,
    Registry,
)
from flowviz.text import LANGUAGES, translator
from tests.cases import each_of


@dataclass(frozen=True)
class Setting:
    """A number in a link: what else the link needs, its key, and a number that it accepts."""

    others: dict[str, str]
    key: str
    number: float
    form: str = "{}"

    def query(self, written: str) -> dict[str, str]:
        return self.others | {self.key: self.form.format(written)}


def settings() -> Iterator[Setting]:
    for name, field in Scene.model_fields.items():
        low = next((bound.ge for bound in field.metadata if isinstance(bound, Ge)), None)
        high = next((bound.le for bound in field.metadata if isinstance(bound, Le)), None)
        if isinstance(low, int | float) and isinstance(high, int | float):
            middle = (low + high) / 2
            yield Setting({}, name, int(middle) if field.annotation is int else middle)
    for registry in (PRIOR, PLANE_PRIOR, SCHEDULE, FAMILY, PLANE_FAMILY):
        for entry in registry.classes():
            for spec in registry.specs(entry).values():
                if not spec.role and spec.count < 50:
                    default = spec.default[0] if isinstance(spec.default, tuple) else spec.default
                    count = len(spec.default) if isinstance(spec.default, tuple) else 1
                    assert isinstance(default, float | int)
                    yield Setting(
                        {registry.field: entry},
                        registry.prefix + spec.name,
                        default,
                        ",".join(["{0}"] * count),
                    )
    yield Setting({}, "probe", 0.25, "{},0.5")
    yield Setting({}, "probe", 0.25, "0.5,{}")
    yield Setting({}, "plane_probe", 0.25, "0.5,1,{}")
    yield Setting({"ask": "share"}, "answer", 0.25)
    yield Setting({"ask": "velocity"}, "answer", 0.25, "1,{}")
    yield Setting({"ask": "density"}, "at", 0.25, "0.5,{}")
    yield Setting({}, "points", 0.25)
    yield Setting({}, "points", 0.25, "1*{}")
    yield Setting({}, "plane_points", 0.25, "(0,{})")
    bent = "1~forward~(1-t)*x0+t*x1+a*t*(1-t)~~a={}"
    yield Setting({"family": "formula"}, "formula", 0.25, bent)
    yield Setting({"plane_family": "formula"}, "plane_formula", 0.25, bent)


each_setting = each_of(settings(), lambda s: ".".join([*s.others.values(), s.key]))
OTHERS = ["1_0", "0_1", "1__0", "١", "٠.٥", "१", "0x1", "0b1", "1e", "e1", "--1", "1.0.0", "½", "²"]
OTHERS += ["inf", "nan", "None", "1j", "1'0", "0,,5;"]


@each_setting
def test_a_text_that_is_no_number_is_refused_with_what_is_accepted(setting: Setting) -> None:
    plain = Scene.from_query(setting.others)
    for written in OTHERS:
        if "," in written and setting.key == "points":
            continue  # separates points
        scene, notices = Scene.read_query(setting.query(written))
        kept = [n for n in notices if n.name == setting.key]
        assert len(kept) == 1, (written, notices)
        assert scene.to_query() == plain.to_query(), written
        assert all(kept[0].markdown(translator(lang)) for lang in LANGUAGES)


@each_setting
def test_a_number_may_be_written_in_any_way_of_the_grammar(setting: Setting) -> None:
    text = f"{setting.number:.6f}".rstrip("0").rstrip(".")
    whole, _, decimals = text.partition(".")
    shifted = f"{whole}{decimals}e-{len(decimals)}" if decimals else f"{text}e0"
    sign = "" if text.startswith("-") else "+"
    wide = text.translate({ord("0") + k: chr(ord("０") + k) for k in range(10)})
    expected = Scene.read_query(setting.query(text))
    assert not expected[1]
    for written in (f" {text} ", sign + text, shifted, shifted.replace("e", "E"), wide):
        assert Scene.read_query(setting.query(written)) == expected, written


def kept(name: str, **query: str) -> object:
    scene, notices = Scene.read_query(query)
    assert not notices
    assert Scene.read_query(scene.to_query()) == (scene, [])
    return getattr(scene, name)


SMALL = [1e-7, 2.5e-9, 3e-11]


@pytest.mark.parametrize("small", SMALL)
def test_small_positions_times_parameters_and_letters_are_kept(small: float) -> None:
    assert kept("probe", probe=f"{small},{-small}") == (small, -small)
    assert kept("plane_probe", plane_probe=f"0.5,{small},{-small}") == (0.5, small, -small)
    assert kept("green_x0", green_x0=f"{small}") == small
    assert kept("time", time=f"{small}") == small
    typed = kept(
        "formula", family="formula", formula=f"1~forward~x1*t+a*t*(1-t)+x0*(1-t)~~a={small}"
    )
    assert dict(typed.letters) == {"a": small}  # type: ignore[attr-defined]


@pytest.mark.parametrize("small", SMALL)
@pytest.mark.parametrize("registry", [PRIOR, PLANE_PRIOR, SCHEDULE, FAMILY, PLANE_FAMILY])
def test_small_values_of_all_parameters_are_kept(registry: Registry, small: float) -> None:
    for entry in registry.classes():
        for spec in registry.specs(entry).values():
            if not spec.role and not spec.whole and spec.least <= small <= spec.most:
                value = spec.canonical([small] if spec.many else small)
                assert value == ((small,) if spec.many else small), (entry, spec.name)
                assert spec.read(f"{small}") == value


def test_six_digits_of_a_small_query_point_and_parameter_are_kept() -> None:
    assert kept("probe", probe="0.5,0.00001234567") == (0.5, 1.23457e-5)
    params = kept("prior_params", prior="gaussian", **{"p.loc": "0.00001234567"})
    assert dict(params)["loc"] == 1.23457e-5  # type: ignore[call-overload]


def test_every_number_of_a_scene_has_the_grammar() -> None:
    """No field is left to pydantic's own reading of numbers."""
    named = {setting.key for setting in settings()}
    for name, field in Scene.model_fields.items():
        if field.annotation in (int, float) or set(get_args(field.annotation)) & {int, float}:
            assert name in named
