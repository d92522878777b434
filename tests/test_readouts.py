"""Readouts: checks with their units, small numbers not shown as 0."""

from __future__ import annotations

import math
import re

import pytest
from streamlit.testing.v1 import AppTest

from flowviz.text import ENTRIES, LANGUAGES
from flowviz.ui.widgets.readouts import density_tex, tex


def page(lang: str, name: str, value: float, where: str, out_of_budget: bool = False) -> None:
    """A page that holds nothing but one check."""
    from flowviz.core.checks import Check
    from flowviz.text import translator
    from flowviz.ui.widgets.readouts import check_line

    check_line(name, Check(value, 5.0, out_of_budget=out_of_budget), translator(lang), where)


def line(lang: str, name: str, value: float, where: str = "") -> str:
    given = {"lang": lang, "name": name, "value": value, "where": where}
    app = AppTest.from_function(page, kwargs=given).run()
    assert not app.exception
    return app.markdown[0].value.splitlines()[1]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_check_has_its_unit(lang: str) -> None:
    words = {"en": "p = 0.56 (red below 5)", "zh": "p = 0.56（低于 5 则变红）"}
    assert line(lang, "masses", 0.56, "plane") == words[lang]
    chance = {"en": "p = 0.56 (red below 5)", "zh": "p = 0.56（低于 5 则变红）"}
    assert line(lang, "samples", 0.56, "plane") == chance[lang]
    plain = {"en": "2.3·10⁻¹³ (bound 5)", "zh": "2.3·10⁻¹³（上限 5）"}
    assert line(lang, "mass", 2.3e-13, "plane") == plain[lang]


NEVER_RED = {"checks.masses.one.plane"}
"""It is shown in place of another, where that one is green."""
REASONS = sorted(
    {n.removesuffix(".why") for n in ENTRIES if re.fullmatch(r"checks\..+\.why", n)} - NEVER_RED
)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", REASONS)
def test_a_red_mark_has_its_reason_beside_it(lang: str, name: str) -> None:
    """Every check of every page: in words, and not the same where nothing was measured."""
    check, where = (*name.removeprefix("checks.").rsplit(".", 1), "")[:2]
    reasons = []
    for value in (6.0, math.nan):
        given = {"lang": lang, "name": check, "value": value, "where": where}
        app = AppTest.from_function(page, kwargs=given).run()
        assert not app.exception
        reasons.append(app.caption[0].value)
    assert all(reasons)
    assert reasons[0] != reasons[1]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_the_budget_did_not_allow_is_grey_and_says_so(lang: str) -> None:
    given = {"lang": lang, "name": "masses", "value": math.nan, "where": "plane"}
    marks = {}
    for out_of_budget in (True, False):
        app = AppTest.from_function(page, kwargs=given | {"out_of_budget": out_of_budget}).run()
        assert not app.exception
        marks[out_of_budget] = app.markdown[0].value
    assert marks[True].startswith(":gray[")
    assert getattr(ENTRIES["checks.out_of_budget"], lang) in marks[True]
    assert marks[False].startswith(":red[")


def test_nothing_is_written_as_zero() -> None:
    assert line("en", "mass", 0.0) == "0 (bound 5)"


def test_a_density_is_shown_if_its_logarithm_is_finite() -> None:
    assert density_tex(-math.inf) is None
    assert density_tex(math.log(0.25)) == tex(0.25)
    assert density_tex(-2000.0 * math.log(10.0)) == "10^{-2000}"
    assert density_tex(900.0 * math.log(10.0)) == "10^{900}"
