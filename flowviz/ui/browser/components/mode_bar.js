// Plotly's mode bar in the page's language: save, zoom, pan, home.
/** @import { Texts } from "./types" */

/**
 * What the buttons act on.
 *
 * @typedef {object} Target
 * @property {(format: string) => void} save
 * @property {(dragmode: string) => void} drag
 * @property {() => void} home
 * @property {{ onDragMode?: () => void }} picture
 */

const NAMES = ["png", "svg", "zoom", "pan", "home"];

export class ModeBar {
  /**
   * What a drag does: on a touch screen it scrolls the page, unless something else is chosen.
   *
   * @type {string | false}
   */
  #chosen = window.matchMedia("(hover: none)").matches ? false : "zoom";
  #language = "";
  /** @type {object} */
  #config = {};

  /** @param {Target} target */
  constructor(target) {
    this.target = target;
    /** Whether drags are Plotly's. */
    this.drags = true;
  }

  /** @returns {string | false} */
  get dragmode() {
    return this.drags ? this.#chosen : false;
  }

  /**
   * The same object as long as the words are: Plotly draws all anew where its configuration changed.
   *
   * @param {Texts} texts
   */
  config(texts) {
    const language = NAMES.map((name) => texts[name]).join("\n");
    if (language !== this.#language) {
      this.#language = language;
      this.#config = this.#newConfig(texts);
    }
    return this.#config;
  }

  /** @param {Texts} texts */
  #newConfig(texts) {
    const icons = window.Plotly?.Icons ?? {};
    const { target } = this;
    const button = (/** @type {string} */ name, /** @type {object} */ icon, act = () => {}) => ({
      name,
      title: texts[name],
      icon,
      click: act,
    });
    const dragging = (/** @type {string} */ name, /** @type {object} */ icon) => ({
      ...button(name, icon, () => this.#choose(name)),
      attr: "dragmode",
      val: name,
    });
    const saving = [
      button("png", icons.camera, () => target.save("png")),
      button("svg", icons.disk, () => target.save("svg")),
    ];
    const moving = [dragging("zoom", icons.zoombox), dragging("pan", icons.pan)];
    return {
      modeBarButtons: [saving, moving, [button("home", icons.home, () => target.home())]],
      displaylogo: false,
      displayModeBar: "hover",
      scrollZoom: true,
      doubleClick: false, // Plotly's goes back to the first picture, not to the newest
      showTips: false,
    };
  }

  /** @param {string} dragmode */
  #choose(dragmode) {
    this.#chosen = dragmode;
    this.drags = true;
    this.target.picture.onDragMode?.();
    this.target.drag(dragmode);
  }
}
