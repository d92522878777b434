// A hand moves faster than a server answers. The channel sends the newest word only, one at a
// time: the next goes out when the answer to the last has been drawn (or has been too long).

const PATIENCE_MS = 3000; // then the word is said again: a run that is cut short may not have heard
const TRIES = 5;

export class Channel {
  #send;
  #sent = 0;
  #waiting = []; // what was said and not yet sent, in order
  #current = null; // the word last sent
  #timer = null;

  /** @param send called with each word; the server echoes the word's `rev` as `ack`. */
  constructor(send) {
    this.#send = send;
    // A fresh component starts past any number that an earlier one used in the same session.
    this.rev = Date.now() % 1e9;
    this.#sent = this.rev;
    this.acked = this.rev;
  }

  get busy() {
    return this.acked < this.#sent;
  }

  /** Is everything the hand said drawn? Until then the server's points are not the newest. */
  get settled() {
    return !this.busy && this.#waiting.length === 0;
  }

  connect(send) {
    this.#send = send;
  }

  say(word) {
    // Only a preview may be overtaken; whatever else was said waits for its turn.
    const last = this.#waiting.at(-1);
    if (last?.preview && last.op === word.op && last.i === word.i) this.#waiting.pop();
    this.#waiting.push(word);
    // A preview under way is not worth waiting for: the server drops it for one that is urgent.
    const urgent = this.#current?.preview && word.urgent && this.#waiting.length === 1;
    if (!this.busy || urgent) this.#flush();
  }

  /** A picture answers all words up to `rev`; `follow`: it asks to be told when it is painted. */
  acknowledge(rev, follow = false) {
    if (rev > this.acked) this.acked = rev;
    if (!this.busy && this.#waiting.length > 0) this.#flush();
    else if (follow) afterPaint(() => this.settled && this.say({ op: "follow" }));
  }

  #flush() {
    const word = this.#waiting.shift();
    this.rev += 1;
    this.#sent = this.rev;
    this.#current = word;
    this.#speak({ ...word, rev: this.rev }, TRIES);
  }

  /** The server does what a word says once, however often it hears it. */
  #speak(word, tries) {
    clearTimeout(this.#timer);
    if (tries === 0) return this.acknowledge(word.rev);
    this.#send(word);
    this.#timer = setTimeout(() => this.busy && this.#speak(word, tries - 1), PATIENCE_MS);
    return undefined;
  }
}

function afterPaint(act) {
  requestAnimationFrame(() => setTimeout(act));
}
