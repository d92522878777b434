"""What each coupling costs: bars, a table, and the checks of the identities."""

from __future__ import annotations

import streamlit as st

from flowviz.core.checks import Check, samples
from flowviz.figures.couplings import Bar, cost_figure
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.text import Translator
from flowviz.text.numbers import fixed, number, percent
from flowviz.ui.browser import codec, mount
from flowviz.ui.couplings import compute, view
from flowviz.ui.session import faults, state
from flowviz.ui.widgets.glossary import heading
from flowviz.ui.widgets.progress_bar import progress_bar
from flowviz.ui.widgets.readouts import check_expander

_IDENTITY, _MAPS, _CELLS = 1e-6, 1e-8, 1e-9
_STANDARD_ERRORS = 5.0  # of a sampled identity: the three means share their samples

Found = dict[str, compute.Measures]


@faults.guarded
def show(tr: Translator, style: Style) -> None:
    """The costs of all couplings, cells over basins, and the checks."""
    scene = state.current()
    flow = compute.flow_key(scene)
    heading(tr("couplings.cost"), tr, "coupling", "loss_floor")
    found, missing = _measured(scene, flow, tr)
    for sentence in dict.fromkeys(missing):
        st.info(sentence)
    if found:
        st.markdown(tr("couplings.cost.way"))
        st.latex(
            r"\begin{aligned}\mathbb E\,\|x_1-x_0\|^2={}&\int_0^1\mathbb E\,\|f_t(x_t)\|^2\,dt"
            r"\\&+\int_0^1\mathbb E\,\mathrm{Var}\,f_t(x_t|x_0)\,dt\end{aligned}"
        )
        _bars(found, tr, style)
        _table(found, scene, tr)
    view.cells(scene, flow, tr, style)
    check_expander(_checks(found, flow), tr, "couplings")


def _measured(scene: Scene, flow: Scene, tr: Translator) -> tuple[Found, list[str]]:
    """The numbers of each coupling that has them, and why others have none."""
    found: Found = {}
    missing: list[str] = []
    with progress_bar(tr) as report:
        for k, name in enumerate(compute.NAMES):

            def part(done: float, k: int = k) -> None:
                report((k + done) / len(compute.NAMES))

            try:
                found[name] = compute.measures(flow, name, scene.coupling_batch, progress=part)
            except compute.Unavailable as why:
                missing.append(tr(why.why, name=tr(f"couplings.coupling.{name}")))
    return found, missing


def _name(name: str, scene: Scene, tr: Translator) -> str:
    if name == "minibatch":
        return tr("couplings.batch", n=scene.coupling_batch)
    return tr(f"couplings.coupling.{name}")


def _bars(found: Found, tr: Translator, style: Style) -> None:
    scene = state.current()
    bars = []
    for name, m in found.items():
        parts = (m.energy.kinetic, m.energy.floor) if m.energy else (None, None)
        texts = tuple("—" if v is None else number(v, 4) for v in (*parts, m.cost))
        label = _name(name, scene, tr).replace(" ", "<br>", 1)
        bars.append(Bar(label, m.cost, *parts, texts))  # pyright: ignore[reportArgumentType]
    labels = {part: tr(f"couplings.{part}") for part in ("kinetic", "floor")}
    labels["cost"] = tr("couplings.table.cost")
    figure = cost_figure(bars, labels, style)
    costs = "; ".join(f"{_name(name, scene, tr)} {number(m.cost, 4)}" for name, m in found.items())
    label = tr("couplings.alt.costs", costs=costs)
    mount.plot(codec.pack(figure), key="couplings.costs", label=label)


def _table(found: Found, scene: Scene, tr: Translator) -> None:
    columns = ("coupling", "cost", "kinetic", "floor", "straightness")
    names = {name: _name(name, scene, tr) for name in found}
    _markdown(
        [tr(f"couplings.table.{name}") for name in columns],
        [(names[name], *_costs(m)) for name, m in found.items()],
    )
    # Apart, as a telephone has room for five columns.
    none = ("—",) * len(compute.STEPS)
    _markdown(
        [tr(f"couplings.table.{name}") for name in ("coupling", "exchanges")]
        + [tr("couplings.table.euler", n=n) for n in compute.STEPS],
        [
            (names[name], percent(m.exchanges, 3), *(tuple(fixed(v, 4) for v in m.euler) or none))
            for name, m in found.items()
        ],
    )
    st.caption(tr("couplings.table.caption", n=compute.SAMPLES, ends=compute.ENDS))
    own = found.get("reflow")
    alone, best = found.get("independent"), found.get("optimal_transport")
    if alone and alone.energy and own and best:
        values = (best.cost, own.cost, alone.energy.kinetic, alone.cost)
        chain = " ≤ ".join(fixed(v, 5) for v in values)
        st.markdown(tr("couplings.chain", chain=f"**{chain}**"))


def _markdown(heads: list[str], rows: list[tuple[str, ...]]) -> None:
    line = "|:---|" + "---:|" * (len(heads) - 1)
    body = [f"| {' | '.join(row)} |" for row in rows]
    st.markdown("\n".join([f"| {' | '.join(heads)} |", line, *body]))


def _costs(m: compute.Measures) -> tuple[str, ...]:
    cost = fixed(m.cost, 5) + (f" ± {number(m.error, 1)}" if m.error else "")
    parts = (m.energy.kinetic, m.energy.floor) if m.energy else (None, None)
    numbers = ["—" if v is None else fixed(v, 5) for v in (*parts, m.straightness)]
    return cost, *numbers


def _checks(found: Found, flow: Scene) -> dict[str, Check]:
    energies = [m.energy for m in found.values() if m.energy]
    exact = [e for e in energies if not e.sampled]
    sampled = [e for e in energies if e.sampled]
    checks: dict[str, Check] = {}
    if exact:
        checks["energy"] = Check(max(abs(e.residual) for e in exact), _IDENTITY)
    if sampled:
        worst = max(sampled, key=lambda e: abs(e.residual) / max(e.error, 1e-12))
        checks["energy_sampled"] = Check(abs(worst.residual), _STANDARD_ERRORS * worst.error)
    if "optimal_transport" in found or flow.space == "line":
        checks["cells"] = Check(compute.cell_masses(flow), _CELLS)
    prior = flow.prior_object(flow.space)
    checks["samples"] = samples(prior, 1 if flow.space == "line" else 2)
    if flow.space == "line":
        checks["one_map"] = Check(compute.one_map(flow), _MAPS)
    return checks
