"""Lists of numbers in a box are read as lists of points are: said, asked, or offered otherwise."""

from __future__ import annotations

import pytest

from flowviz.core.priors.kernel_density import MAX_SAMPLES
from flowviz.scene import number_lists
from flowviz.scene.parameters import PLANE_PRIOR, PRIOR, Spec
from flowviz.scene.points import Points
from flowviz.scene.tables import reading
from flowviz.text import Refusal
from tests.visitor import PAGES, Visitor

SPECS = {
    f"{registry.field}.{entry}.{spec.name}": spec
    for registry in (PRIOR, PLANE_PRIOR)
    for entry in registry.classes()
    for spec in registry.specs(entry).values()
    if spec.many and spec.count < MAX_SAMPLES
}
MEANS = SPECS["prior.gaussian_mixture.means"]


@pytest.mark.parametrize("key", SPECS)
@pytest.mark.parametrize("text", ["0,5;0,5", "0,5; 0,5", "[0.5, 0.5]", ".5 0.50"])
def test_one_meaning_is_read_in_every_box(key: str, text: str) -> None:
    assert number_lists.value(text, SPECS[key]) == (0.5, 0.5)


TEXTS = [
    "0,5;0,5", "0,5; 1,2", "0,5 1,2", "1,5, 2,5", "0,75", "1,234", "1,234 2", "1.234;2.345",
    "1.234,5 1", "0.5, 0.5", "1;2", "1 000; 2 000", "1'000 3", "[1, 2]", "1e-7, 2",
    "-0,5; -1", "1, 2, 3",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_a_list_is_read_and_asked_about_as_a_list_of_points_is(text: str) -> None:
    found = number_lists.read(text, MEANS)
    points = reading.read(text, Points)
    choices = points.alternatives or (points.choice,)
    ways = [reading.read(text, Points, choice) for choice in choices]
    assert [way.values for way in found.ways] == [way.points.x for way in ways if way.points]
    assert [way.decimal for way in found.ways] == [way.decimal for way in ways]
    assert found.asked == points.asked


def test_what_the_parameter_cannot_be_is_no_reading() -> None:
    weights = SPECS["prior.gaussian_mixture.weights"]
    assert number_lists.read("0,5 0,5", weights).ways[0].values == (0.5, 0.5)
    with pytest.raises(Refusal, match="Weights"):
        number_lists.read("7 8", weights)


@pytest.mark.parametrize("text", ["", "a", "0.5*2", "[1, nan]", "[[1, 2], [3, 4]]", "1/2", "1_0"])
def test_what_is_no_list_is_refused_with_the_parameters_range(text: str) -> None:
    with pytest.raises(Refusal, match=r"Means.*(accepted|1 to 8)"):
        number_lists.value(text, MEANS)


def said(visitor: Visitor) -> str:
    return "\n".join(caption.value for caption in visitor.app.caption)


def press(visitor: Visitor, label: str) -> None:
    next(b for b in visitor.app.button if b.label == label).click()
    visitor.run()


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize(("page", "field"), [("fan", "prior"), ("plane", "plane_prior")])
def test_a_box_says_what_was_read_and_asks(page: str, field: str) -> None:
    (path,) = [path for path in PAGES if path.name == f"{page}.py"]
    visitor = Visitor(path, {field: "gaussian_mixture"})

    def value(name: str) -> object:
        return dict(getattr(visitor.scene, f"{field}_params"))[name]

    key = f"{field}.gaussian_mixture"
    visitor.set(f"{key}.weights", "0,25; 0,5")
    assert value("weights") == (0.25, 0.5)
    assert not visitor.complaints
    assert "2 numbers, read as a list: 0.25, 0.5. Decimal mark: comma." in said(visitor)
    visitor.set(f"{key}.means", "-1,5 1,5")  # four numbers, or two
    assert value("means") == (-1.5, 1.5)  # as before
    assert visitor.complaints == ["This can be read in more than one way. Which is meant?"]
    visitor.set(f"{key}.scales", "0.3, 0.4")  # another box takes none of the meanings
    assert value("scales") == (0.3, 0.4)
    assert value("means") == (-1.5, 1.5)
    press(visitor, "-1.5, 1.5")
    assert value("means") == (-1.5, 1.5)
    assert not visitor.complaints
    assert visitor.widget(f"{key}.means").value == "-1.5, 1.5"
    visitor.set(f"{key}.means", "-1,2")
    assert value("means") == (-1.0, 2.0)
    assert "2 numbers, read as a list: -1, 2." in said(visitor)
    assert "This can also be read as:" in said(visitor)
    press(visitor, "-1.2")
    assert any("as many means as scales" in text for text in visitor.complaints)
    assert visitor.widget(f"{key}.means").value == "-1.2"
    visitor.set(f"{key}.scales", "0.3")
    visitor.set(f"{key}.weights", "1")
    assert (value("means"), value("scales"), value("weights")) == ((-1.2,), (0.3,), (1.0,))
    assert not visitor.complaints


def test_every_spec_of_a_list_has_a_range() -> None:
    assert all(isinstance(spec, Spec) and spec.least < spec.most for spec in SPECS.values())
    assert {key.split(".")[1] for key in SPECS} == {"gaussian_mixture", "gaussian_mixture_2d"}
