// A student's side of a room, beside the light page: asks what the teacher shows, takes predictions, and follows
// to the teacher's scene. A script of its own, so that the light page alone is none the larger.
/** @import { RoomSaid } from "./room" */
/** @import { Texts } from "./types" */
import { keep, keptOf } from "./room_kept.js";
import { RoomQuestion } from "./room_question.js";
import { element } from "./runtime.js";

const EVERY_MS = 2_000;
const HIDDEN_MS = 15_000;
const ASKING = "fp-asking"; // while a question is open, the picture would answer it
const READERS = ["time", "lang", "large", "convention"]; // what changes no scene

class Room {
  /** @type {RoomSaid | null} */
  #said = null;
  #tag = "";
  #timer = 0;
  #asking = false;
  #led = false;
  #first = sceneOf(shownQuery());

  /** @param {string} name */
  constructor(name) {
    this.name = name;
    this.kept = keptOf(name);
    const here = new URLSearchParams(location.search);
    this.scene = here.get("scene") ?? "";
    if (!this.scene) this.kept.own = false; // just joined
    this.base = new URL(location.pathname.replace(/play(\/plane)?$/, ""), location.href);
    this.question = new RoomQuestion((answer) => this.#lock(answer));
    this.title = element("strong");
    this.status = element("span", { role: "status" });
    this.own = element("button", { type: "button", className: "fp-button", hidden: true });
    this.elsewhere = element("a", { target: "_blank", rel: "noopener", hidden: true });
    this.own.addEventListener("click", () => this.#take(!this.kept.own));
    const line = element("div", { className: "fp-room-line" }, this.title, this.status);
    line.append(this.own, this.elsewhere);
    this.node = element("section", { className: "fp-room" }, line, this.question.node);
    document.querySelector("#flowviz > header")?.after(this.node);
    document.addEventListener("visibilitychange", () => this.#ask());
    new MutationObserver(() => this.#show()).observe(document.documentElement, {
      attributeFilter: ["lang"],
    });
    this.#ask();
  }

  /** What the teacher shows now, and again in a while. */
  async #ask() {
    if (this.#asking) return;
    this.#asking = true;
    clearTimeout(this.#timer);
    const wait = (await this.#heard()) ? (document.hidden ? HIDDEN_MS : EVERY_MS) : 2 * EVERY_MS;
    this.#asking = this.#closed; // then never again
    if (this.#closed) return;
    this.#timer = setTimeout(() => this.#ask(), wait);
  }

  /** Whether the server answered. */
  async #heard() {
    try {
      const headers = this.#tag ? { "If-None-Match": this.#tag } : undefined;
      const reply = await fetch(this.#address("/state"), { headers, cache: "no-store" });
      if (reply.status === 200) {
        this.#tag = reply.headers.get("ETag") ?? "";
        this.#said = await reply.json();
      } else if (reply.status !== 304) return this.#offline();
      this.#show();
      return true;
    } catch {
      return this.#offline();
    }
  }

  #offline() {
    this.status.textContent = this.#texts().offline ?? "…";
    return false;
  }

  /** Whether the room is gone: then the page is free. */
  get #closed() {
    return this.#said?.closed ?? false;
  }

  /** @param {string} path */
  #address(path) {
    return new URL(`room/${this.name}${path}`, this.base).href;
  }

  /** @returns {Texts} */
  #texts() {
    return this.#said?.texts[document.documentElement.lang] ?? {};
  }

  // ------------------------------------------------------------------------------ what is shown

  #show() {
    const said = this.#said;
    if (!said) return;
    const asks = said.step > 0 && !said.revealed;
    document.body.classList.toggle(ASKING, asks);
    const { lang } = document.documentElement;
    this.question.update(said, lang, this.kept.answers[said.step] ?? null);
    this.#notice();
    const led = said.follow && !asks && !this.#closed;
    this.#led = led;
    this.#write(led);
    if (led && !this.kept.own && this.scene !== said.scene.tag) this.#follow(said.scene);
  }

  /** A scene that was changed while led is the student's own; while free, it waits to be led again. */
  #notice() {
    if (sceneOf(shownQuery()) === this.#first || this.kept.own) return;
    if (this.#led) this.kept.own = true;
    else this.scene = "";
  }

  /** @param {boolean} led whether there is a scene to be led to */
  #write(led) {
    const texts = this.#texts();
    const { own } = this.kept;
    const light = Boolean(this.#said?.scene.light);
    const free = this.#closed ? texts.closed : texts.free;
    const elsewhere = led && !light;
    this.title.textContent = texts.room;
    const following = own ? texts.own : texts.following;
    const asks = document.body.classList.contains(ASKING);
    this.status.textContent = asks || elsewhere ? "" : led ? following : free;
    this.own.hidden = !led || elsewhere;
    this.own.textContent = own ? texts.return : texts.take;
    this.elsewhere.hidden = !elsewhere;
    this.elsewhere.textContent = texts.elsewhere;
    const { page = "", query = "" } = this.#said?.scene ?? {};
    if (elsewhere) this.elsewhere.href = new URL(`${page}?${query}`, this.base).href;
  }

  /** @param {boolean} own */
  #take(own) {
    this.kept.own = own;
    if (!own) this.scene = ""; // the teacher's again, also if it is still the same
    keep(this.name, this.kept);
    this.#show();
  }

  /** @param {RoomSaid["scene"]} scene */
  #follow({ query, light, tag }) {
    if (!light) return;
    const there = new URL(light, this.base);
    const asked = new URLSearchParams(query);
    for (const key of ["v", "sum"]) asked.delete(key); // of the teacher's link, in the teacher's language
    const theme = new URLSearchParams(location.search).get("theme");
    const { lang } = document.documentElement;
    for (const [key, value] of Object.entries({ lang, theme, room: this.name, scene: tag })) {
      if (value) asked.set(key, value);
    }
    there.search = asked.toString();
    keep(this.name, this.kept);
    location.replace(there);
  }

  // ------------------------------------------------------------------------------ what is answered

  /**
   * Send an answer; a sentence where it was refused.
   *
   * @param {number[]} answer
   */
  async #lock(answer) {
    const { step = 0 } = this.#said ?? {};
    const texts = this.#texts();
    try {
      const reply = await fetch(this.#address("/answer"), {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ student: this.kept.student, step, answer }),
      });
      if (!reply.ok) {
        const { error } = await reply.json();
        return String(error[document.documentElement.lang]);
      }
    } catch {
      return texts.offline;
    }
    this.kept.answers[step] = answer;
    keep(this.name, this.kept);
    return "";
  }
}

/** The link of what the light page shows. */
function shownQuery() {
  return /** @type {any} */ (window).flowviz?.query() ?? "";
}

/** @param {string} query */
function sceneOf(query) {
  const scene = new URLSearchParams(query);
  for (const key of READERS) scene.delete(key);
  return scene.toString();
}

const name = new URLSearchParams(location.search).get("room");
if (name) new Room(name);
