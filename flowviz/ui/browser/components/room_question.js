// The question of a room: its fields, the lock, what was locked, and after the reveal the answer.
/** @import { RoomSaid } from "./room" */
/** @import { Texts } from "./types" */
import { written } from "./number.js";
import { RoomPicture } from "./room_picture.js";
import { element } from "./runtime.js";

const DIGITS = 6;

export class RoomQuestion {
  /** @type {RoomSaid | null} */
  #said = null;
  /** @type {Texts} */
  #texts = {};
  /** @type {number[] | null} */
  #locked = null;
  #shown = "";

  /** @param {(answer: number[]) => Promise<string>} lock sends an answer; a sentence where it was refused */
  constructor(lock) {
    this.lock = lock;
    this.place = element("p", { className: "fp-room-place" });
    this.idea = element("h2");
    this.question = element("p", { className: "fp-room-question" });
    this.picture = new RoomPicture((k, value) => this.#put(k, value));
    this.form = element("form", { className: "fp-room-form" });
    this.status = element("p", { className: "fp-room-status", role: "status" });
    this.answer = element("p", { className: "fp-room-answer" });
    this.change = element("button", { type: "button", className: "fp-button" });
    this.node = element("div", { hidden: true });
    this.node.append(this.place, this.idea, this.question);
    this.node.append(this.picture.node, this.form);
    this.node.append(this.status, this.change, this.answer);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    this.change.addEventListener("click", () => this.#ask(null));
  }

  /**
   * @param {RoomSaid} said
   * @param {string} lang
   * @param {number[] | null} locked the answer that was locked
   */
  update(said, lang, locked) {
    this.#said = said;
    this.#texts = said.texts[lang];
    this.node.hidden = !said.step;
    if (!said.step) return;
    const { place, question, idea = "", answer = "", change } = this.#texts;
    this.place.textContent = place;
    this.question.textContent = question;
    this.idea.textContent = idea;
    this.answer.textContent = answer;
    this.change.textContent = change;
    const now = `${said.name} ${said.step} ${said.revealed} ${lang}`;
    if (now !== this.#shown || !said.step) this.#ask(locked);
    this.#shown = now;
  }

  /** @param {number[] | null} locked the answer, or null to ask for one */
  #ask(locked) {
    const { revealed = false, fields = [] } = this.#said ?? {};
    this.#locked = locked;
    this.form.hidden = revealed || locked !== null;
    this.change.hidden = revealed || locked === null;
    this.form.replaceChildren();
    this.picture.update(this.form.hidden ? null : this.#said, this.#texts);
    if (!this.form.hidden) {
      const nodes = fields.map((field, k) => this.#field(field, k + 1));
      const lock = element("button", { className: "fp-button fp-room-lock" });
      lock.textContent = this.#texts.lock;
      this.form.append(...nodes, lock);
    }
    this.#say();
  }

  #say() {
    const { yours, none, locked } = this.#texts;
    const given = this.#locked && this.#written(this.#locked);
    const open = given ? locked.replace("{answer}", given) : "";
    const after = given ? yours.replace("{answer}", given) : none;
    this.status.textContent = this.#said?.revealed ? after : open;
  }

  /** @param {number[]} answer */
  #written(answer) {
    const { fields = [] } = this.#said ?? {};
    const parts = answer.map((value, k) =>
      fields[k]?.options
        ? this.#texts[`field.${k + 1}.${value + 1}`]
        : written(Number(value.toPrecision(DIGITS))),
    );
    return parts.join("; ");
  }

  /**
   * @param {RoomSaid["fields"][number]} field
   * @param {number} k from 1
   */
  #field({ options }, k) {
    const name = `field.${k}`;
    if (!options) {
      const input = element("input", { type: "number", step: "any", name, autocomplete: "off" });
      input.addEventListener("input", () => this.picture.set(k, input.valueAsNumber));
      return element("label", {}, element("span", { textContent: this.#texts[name] }), input);
    }
    const choices = Array.from({ length: options }, (_, at) => {
      const input = element("input", { type: "radio", name, value: String(at) });
      return element("label", {}, input, this.#texts[`${name}.${at + 1}`]);
    });
    const legend = element("legend", { textContent: this.#texts[name] });
    return element("fieldset", {}, legend, ...choices);
  }

  /**
   * A place that was put on the figure, into its field.
   *
   * @param {number} k from 1
   * @param {number} value
   */
  #put(k, value) {
    const input = this.form.elements.namedItem(`field.${k}`);
    if (input instanceof HTMLInputElement) input.value = String(Number(value.toPrecision(DIGITS)));
  }

  async #send() {
    const { fields = [] } = this.#said ?? {};
    const given = new FormData(this.form);
    const answer = fields.map((_, k) => Number.parseFloat(String(given.get(`field.${k + 1}`))));
    if (!answer.every(Number.isFinite)) {
      this.status.textContent = this.#texts.missing;
      return;
    }
    const refused = await this.lock(answer);
    if (refused) this.status.textContent = refused;
    else this.#ask(answer);
  }
}
