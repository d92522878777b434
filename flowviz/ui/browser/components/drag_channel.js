// Sends the newest message of a drag to the server, one at a time: the next is sent when the figure
// computed for the last has been drawn, or after a timeout.
/** @import { Message, Send, SentMessage } from "./messages" */
/** @import { NumberedContent } from "./types" */

const RESEND_MS = 3000; // a run that was aborted may not have received the message
const SENDS = 5;

export class DragChannel {
  /** @type {Send} */
  #send = () => {};
  /** @type {Message[]} in order */
  #queue = [];
  /** @type {Message | undefined} the last that was sent */
  #current;
  #resend = 0;
  #rerunDue = false;

  constructor() {
    // A fresh component starts past any number that an earlier one used in the same session.
    this.rev = Date.now() % 1e9;
    this.acked = this.rev;
  }

  /** Whether a message is unanswered. */
  get busy() {
    return this.acked < this.rev;
  }

  /** Whether everything that was sent is drawn. Until then the server's points are not the newest. */
  get settled() {
    return !this.busy && this.#queue.length === 0;
  }

  /** Whether no picture is due, neither an answer nor the rerun of the page after one. */
  get quiet() {
    return this.settled && !this.#rerunDue;
  }

  /** @param {Send} send to the server, which returns a message's `rev` as `ack` */
  connect(send) {
    this.#send = send;
  }

  /** @param {Message} message */
  send(message) {
    // Only a preview may be overtaken; anything else is kept in the queue.
    const last = this.#queue.at(-1);
    if (last?.preview && last.op === message.op && last.i === message.i) this.#queue.pop();
    this.#queue.push(message);
    if (!this.busy || this.#preempts(message)) this.#sendNext();
  }

  /**
   * A preview that is being computed is dropped by the server for an urgent message.
   *
   * @param {Message} message
   */
  #preempts(message) {
    return this.#current?.preview && "urgent" in message && this.#queue.length === 1;
  }

  /**
   * A picture answers all messages up to `ack`; with `rerun_due` it asks for a run of the whole page
   * once it is painted.
   *
   * @param {Pick<NumberedContent, "ack"> & { rerun_due?: boolean }} content
   */
  acknowledge({ ack, rerun_due: rerunDue }) {
    if (ack > this.acked) this.acked = ack;
    if (!this.busy && this.#queue.length > 0) this.#sendNext();
    else if (rerunDue) this.#requestRerun();
  }

  /** Ask for a rerun of the whole page once this picture is painted. */
  #requestRerun() {
    this.#rerunDue = true;
    afterPaint(() => {
      this.#rerunDue = false;
      if (this.settled) this.send({ op: "rerun" });
    });
  }

  #sendNext() {
    const message = this.#queue.shift();
    if (!message) return;
    this.rev += 1;
    this.#current = message;
    this.#transmit({ ...message, rev: this.rev }, SENDS);
  }

  /**
   * Send until it is answered: the server does what a message says once, however often it comes.
   *
   * @param {SentMessage} message
   * @param {number} sends
   */
  #transmit(message, sends) {
    clearTimeout(this.#resend);
    if (sends === 0) return this.acknowledge({ ack: message.rev });
    this.#send(message);
    this.#resend = setTimeout(() => this.busy && this.#transmit(message, sends - 1), RESEND_MS);
  }
}

/**
 * Whether a newer picture is shown: answers may overtake each other while modules load.
 *
 * @param {NumberedContent} content
 * @param {NumberedContent | undefined} shown
 */
export function isStale(content, shown) {
  return content.session === shown?.session && content.serial < shown.serial;
}

/**
 * Say on the page what is drawn: the newest message it answers, and the picture's number.
 *
 * @param {HTMLElement} root
 * @param {NumberedContent} content
 */
export function markDrawn(root, { ack, serial }) {
  root.dataset.ack = String(ack);
  if (root.dataset.serial !== String(serial)) root.dataset.serial = String(serial);
}

/** @param {() => void} act */
function afterPaint(act) {
  requestAnimationFrame(() => setTimeout(act));
}
