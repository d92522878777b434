// A hand moves faster than a server answers. The channel sends the newest word only, one at a
// time: the next goes out when the answer to the last has been drawn (or has been too long).

const PATIENCE_MS = 1500;

export class Channel {
  #send;
  #sent = 0;
  #waiting = null; // the newest word not yet sent, per kind of operation
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
    return !this.busy && this.#waiting === null;
  }

  connect(send) {
    this.#send = send;
  }

  say(word) {
    // An operation that is no mere preview must not be overwritten by the next one.
    if (this.#waiting !== null && !this.#waiting.preview) this.#flush();
    this.#waiting = word;
    if (!this.busy) this.#flush();
  }

  acknowledge(rev) {
    if (rev > this.acked) this.acked = rev;
    if (!this.busy && this.#waiting !== null) this.#flush();
  }

  #flush() {
    const word = this.#waiting;
    this.#waiting = null;
    this.rev += 1;
    this.#sent = this.rev;
    this.#send({ ...word, rev: this.rev });
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.acknowledge(this.#sent), PATIENCE_MS);
  }
}
