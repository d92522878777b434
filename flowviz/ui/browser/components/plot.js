// A Plotly figure that is redrawn in place: no remount, no blank frame between two states.
/** @import { PlotContent, View } from "./types" */
import { element, loadPlotly, mount } from "./runtime.js";

/** @implements {View<PlotContent>} */
class PlotView {
  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.node = element("div", { className: "plot", role: "img" });
    parent.append(this.node);
  }

  /** @param {PlotContent} content */
  async update({ figure, assets, label }) {
    this.node.setAttribute("aria-label", label);
    const Plotly = await loadPlotly(assets.plotly);
    const config = { displayModeBar: false, responsive: true };
    await Plotly.react(this.node, figure.data, figure.layout, config);
  }
}

export default mount(PlotView);
