"""The widgets of the family and of typed formulas: valid and refused input."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from flowviz.core.paths.validity import first_violation
from flowviz.scene import Scene
from flowviz.scene.formula import Typed
from flowviz.scene.formula_examples import EXAMPLES, STRAIGHT
from flowviz.scene.parameters import FAMILY, PLANE_FAMILY
from flowviz.scene.suggestions import nearest_family
from flowviz.text import LANGUAGES, translator

SPACES = {"line": ("family", "formula", 1), "plane": ("plane_family", "plane_formula", 2)}
each_space = pytest.mark.parametrize("space", SPACES)


def page(space: str) -> None:
    """A page that holds nothing but the editor."""
    from flowviz.text import translator
    from flowviz.ui.session import state
    from flowviz.ui.widgets import family_editor

    scene = state.sync_widgets()
    editor = {"line": family_editor.LINE, "plane": family_editor.PLANE}[space]
    editor.sidebar(translator(scene.lang))


class Editor:
    """A visitor of that page."""

    def __init__(self, space: str, **query: str) -> None:
        self.family, self.formula, self.d = SPACES[space]
        self.app = AppTest.from_function(page, kwargs={"space": space}, default_timeout=30)
        for name, value in query.items():
            self.app.query_params[name] = value
        self.run()

    def run(self) -> None:
        self.app.run()
        assert not self.app.exception, [e.value for e in self.app.exception]

    def set(self, key: str, value: object) -> None:
        (found,) = [e for e in self.app.main if getattr(e, "key", None) == f"w.{key}"]
        found.set_value(value)  # pyright: ignore[reportAttributeAccessIssue]
        self.run()

    def write(self, value: str, part: str = "text") -> None:
        self.set(f"{self.formula}.{part}", value)

    @property
    def scene(self) -> Scene:
        return self.app.session_state["flowviz.scene"]

    @property
    def typed(self) -> Typed:
        return getattr(self.scene, self.formula)

    @property
    def letters(self) -> dict[str, float]:
        return {e.label: float(e.value) for e in self.app.slider}  # pyright: ignore[reportArgumentType]


@each_space
def test_every_family_of_the_space_is_on_offer_and_no_other(space: str) -> None:
    editor = Editor(space)
    registry = {"line": FAMILY, "plane": PLANE_FAMILY}[space]
    (box,) = [e for e in editor.app.selectbox if e.key == f"w.{editor.family}"]
    assert len(box.options) == len(registry.classes())
    for name in registry.classes():
        editor.set(editor.family, name)
        assert getattr(editor.scene, editor.family) == name
        held = [e.key for e in editor.app.slider]
        assert held == [f"w.{editor.family}.{name}.{spec}" for spec in registry.specs(name)]
        schedules = [e for e in editor.app.selectbox if e.key == "w.schedule"]
        assert bool(schedules) == (name == "affine")


@each_space
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_typed_formula_gets_a_slider_for_every_letter(space: str, lang: str) -> None:
    editor = Editor(space, lang=lang)
    editor.set(editor.family, "formula")
    editor.write("(1-t)*x0 + t*x1 + a*t*(1-t)*sin(k*x1)")
    assert editor.letters == {"a": 1.0, "k": 1.0}
    editor.set(f"{editor.formula}.letter.a", 0.25)
    assert editor.typed.letters == (("a", 0.25), ("k", 1.0))
    # A letter that is taken out and put back keeps its value.
    editor.write("(1-t)*x0 + t*x1")
    assert editor.letters == {}
    editor.write("(1-t)*x0 + t*x1 + a*t*(1-t)")
    assert editor.letters == {"a": 0.25}


@each_space
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_refused_formula_stays_in_its_box_and_the_scene_is_the_last_good_one(
    space: str, lang: str
) -> None:
    editor = Editor(space, lang=lang)
    editor.set(editor.family, "formula")
    editor.write("x0 + t*(x1 - x0)")
    good = editor.scene
    editor.write("x0 + t*(x1 - x)")
    assert editor.scene == good
    (error,) = [e.value for e in editor.app.error]
    assert ("character 14" if lang == "en" else "第 14 个字符") in error
    (shown,) = [e.value for e in editor.app.code]
    text, caret = shown.split("\n")
    assert text[caret.index("^")] == "x"
    (box,) = [e for e in editor.app.text_input if e.key == f"w.{editor.formula}.text"]
    assert box.value == "x0 + t*(x1 - x)"
    editor.write("x0 + t*(x1 - x0)*1")
    assert not editor.app.error
    assert editor.typed.text == "x0 + t*(x1 - x0)*1"


@each_space
def test_each_kind_starts_with_straight_lines_and_keeps_typed_text(space: str) -> None:
    editor = Editor(space)
    editor.set(editor.family, "formula")
    for kind, straight in STRAIGHT.items():
        editor.set(f"{editor.formula}.kind", kind)
        assert editor.typed == straight
    editor.write("(1-t)^2*x0")
    editor.write("sin(pi*t/2)", "sigma")
    typed = editor.typed
    assert (typed.kind, typed.text, typed.sigma) == ("mean", "(1-t)^2*x0", "sin(pi*t/2)")
    editor.set(f"{editor.formula}.kind", "inverse")
    editor.set(f"{editor.formula}.kind", "mean")
    assert editor.typed == typed


@each_space
def test_an_example_fills_the_boxes_and_the_sliders(space: str) -> None:
    editor = Editor(space)
    editor.set(editor.family, "formula")
    for name, example in EXAMPLES[space].items():  # pyright: ignore[reportArgumentType]
        assert example.checked(editor.d) == example
        editor.set(f"{editor.formula}.example", name)
        assert editor.typed == example
        assert editor.letters == dict(example.letters)
        box = next(e for e in editor.app.text_input if e.key == f"w.{editor.formula}.text")
        assert box.value == example.text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_long_paste_is_refused_with_its_length(lang: str) -> None:
    editor = Editor("line", lang=lang)
    editor.set("family", "formula")
    good = editor.scene
    (box,) = [e for e in editor.app.text_input if e.key == "w.formula.text"]
    assert box.proto.max_chars >= 2000  # a browser drops a longer paste without a word
    editor.write("x0" + "+x1" * 500)
    assert editor.scene == good
    (error,) = [e.value for e in editor.app.error]
    assert "1,502" in error
    assert "256" in error


def test_a_vector_of_the_plane_is_refused_on_the_line() -> None:
    editor = Editor("line")
    editor.set("family", "formula")
    editor.write("x0 + t*rot(t)*(x1 - x0)")
    (error,) = [e.value for e in editor.app.error]
    assert "d = 1" in error.replace("\\", "")
    assert editor.typed == Typed()


def test_a_letter_far_out_in_a_link_has_a_slider_that_reaches_it() -> None:
    typed = Typed("forward", "(1-t)*x0 + t*x1 + a*t*(1-t)", letters=(("a", 60.0),))
    editor = Editor("line", family="formula", formula=typed.link)
    (slider,) = editor.app.slider
    assert slider.value == 60.0
    assert slider.max == 100.0


TYPED_FIRST = [  # what researchers type first: the kind, the text, σ, and the reason
    ("forward", "(1-t)*x0 + (0.01+0.99*t)*x1", "", "blurred"),
    ("forward", "t*x0 + (1-(1-0.01)*t)*x1", "", "reversed"),
    ("forward", "x0 + t*x1", "", "exploding"),
    ("forward", "x0 + 80*t*x1", "", "exploding"),
    ("forward", "exp(-5*t^2)*x0 + sqrt(1-exp(-10*t^2))*x1", "", "remains"),
    ("forward", "exp(-5t^2)*x0 + sqrt(1-exp(-10t^2))*x1", "", "remains"),
    ("forward", "(1-t)*x0 + t x1", "", "star"),
    ("forward", "(1-t)*x0 + 2*t*x1", "", "scaled"),
    ("mean", "(1-t)*x0", "t+0.01*(1-t)", "blurred"),
    ("mean", "x0", "t", "exploding"),
    ("mean", "exp(-5t^2)*x0", "t", "remains"),
    ("inverse", "(x - (1-t)*x0)/(0.01 + 0.99*t)", "", "blurred"),
    ("inverse", "(x - t*x0)/(1-t)", "", "reversed"),
    ("inverse", "(x - x0)/t", "", "exploding"),
    ("inverse", "(x - exp(-5t^2)*x0)/t", "", "remains"),
    ("inverse", "(x - x0 + t x0)/t", "", "star"),
    ("inverse", "(x - (1-t)*x0)/(2*t)", "", "scaled"),
]


@pytest.mark.parametrize(("kind", "text", "sigma", "reason"), TYPED_FIRST)
def test_what_is_near_a_refused_formula_is_valid(kind, text, sigma, reason):
    for space, (family, field, d) in SPACES.items():
        found = nearest_family(Typed(kind, text, sigma), d)
        assert found is not None
        assert found.reason == reason
        near = replace(Typed(kind), **found.texts)
        scene = Scene(**{family: "formula", field: near})
        flow = scene.field("line" if space == "line" else "plane")
        assert first_violation(flow.path, flow.x0, flow.prior) == ""


@pytest.mark.parametrize(
    "text", ["sin(", "x1^2", "x0*x1", "x0 + t*x1*tanh(x1)", "1", "0", "", "x0/t", "rot(t)*x1"]
)
def test_nothing_is_suggested_where_nothing_is_near(text):
    assert nearest_family(Typed("forward", text), 1) is None


@pytest.mark.parametrize(
    "text", ["(x-(1-t)*x0)/t*2", "(x-x0*x0)/t", "(x-t)/t", "x-x0", "(x-x0)/(t*x)", "(x-x0)+x/t"]
)
def test_nothing_is_suggested_for_an_inverse_that_is_not_linear(text):
    assert nearest_family(Typed("inverse", text), 1) is None


def test_no_inverse_is_suggested_whose_sigma_loses_its_digits():
    text = "(x - exp(-5t^2)*x0)/sqrt(1-exp(-10t^2))"
    assert nearest_family(Typed("inverse", text), 2) is None


@each_space
def test_a_button_takes_the_nearest_formula(space):
    editor = Editor(space, **{SPACES[space][0]: "formula"})
    editor.write("(1-t)*x0 + (0.01+0.99*t)*x1")
    tr = translator(editor.scene.lang)
    assert tr("formula.nearest.blurred", value="0.01") in [c.value for c in editor.app.caption]
    (button,) = [b for b in editor.app.button if b.label == tr("formula.nearest.take")]
    button.click()
    editor.run()
    assert editor.typed.text == "(1-t)*x0 + t*x1"
    assert not [b for b in editor.app.button if b.label == tr("formula.nearest.take")]


def test_a_button_takes_the_nearest_schedule():
    editor = Editor("line", family="affine", schedule="formula")
    for name, value in (("alpha", "exp(-5t^2)"), ("sigma", "sqrt(1-exp(-10t^2))")):
        editor.set(f"schedule.formula.{name}", value)
    assert editor.scene.schedule_params == (("alpha", "1-t"), ("sigma", "t"))
    tr = translator(editor.scene.lang)
    (button,) = [b for b in editor.app.button if b.label == tr("formula.nearest.take")]
    button.click()
    editor.run()
    assert str(dict(editor.scene.schedule_params)["alpha"]).startswith("(exp(-5*t^2) - 0.0067379")
    assert not editor.app.error
