import { CallError } from './api.js';

/**
 * A message that the visitor wrote and that has not come back as a line yet.
 * @typedef {object} OutMessage
 * @property {string} id
 * @property {string} text
 * @property {number} at
 * @property {'sending' | 'waiting' | 'sent' | 'failed'} state
 */

const LONGEST_WAIT_MS = 15_000;

/**
 * Messages on their way: kept until the server has them, sent one after the other, again as often as needed.
 * The id of a message makes sending it twice harmless; it is known to be shown once its line comes back.
 */
export class Outbox {
  /** @type {OutMessage[]} */
  #messages = [];
  #running = false;
  /** @type {() => void} */
  #hurry = () => {};
  #over = false;

  /**
   * @param {object} deps
   * @param {import('./storage.js').PageStorage} deps.storage
   * @param {(message: OutMessage) => Promise<unknown>} deps.send throws CallError
   * @param {(ms: number, wake: (fire: () => void) => void) => Promise<void>} deps.wait ends early when woken
   * @param {() => number} deps.random
   * @param {(why?: string) => void} deps.changed
   */
  constructor(deps) {
    this.deps = deps;
    for (const key of deps.storage.keys('out:')) {
      const message = readMessage(deps.storage.get(key));
      if (message === undefined) deps.storage.remove(key);
      else this.#messages.push(message);
    }
  }

  /** Oldest first. */
  get messages() {
    return /** @type {readonly OutMessage[]} */ (this.#messages);
  }

  /**
   * @param {string} id
   * @param {string} text
   * @param {number} at
   */
  add(id, text, at) {
    /** @type {OutMessage} */
    const message = { id, text, at, state: 'sending' };
    this.#messages.push(message);
    this.deps.storage.set(keyOf(message), JSON.stringify({ id, text, at }));
    this.deps.changed();
    this.run();
  }

  /** Sends what is there. */
  run() {
    if (this.#running || this.#over) return;
    this.#running = true;
    void this.#sendAll().finally(() => {
      this.#running = false;
    });
  }

  /** The connection is back: whoever waits, waits no longer. */
  hurry() {
    this.#hurry();
    this.run();
  }

  /**
   * The line of a message has come back.
   * @param {string} id
   */
  shown(id) {
    const message = this.#messages.find((other) => other.id === id);
    if (message === undefined) return;
    this.deps.storage.remove(keyOf(message));
    this.#messages = this.#messages.filter((other) => other !== message);
  }

  /** The chat is over: what has not been sent never will be. */
  close() {
    this.#over = true;
    for (const message of this.#messages) {
      if (message.state !== 'sent') message.state = 'failed';
      this.deps.storage.remove(keyOf(message));
    }
    this.#hurry();
    this.deps.changed();
  }

  async #sendAll() {
    let failures = 0;
    for (;;) {
      const message = this.#messages.find(({ state }) => state === 'sending' || state === 'waiting');
      if (message === undefined || this.#over) return;
      try {
        await this.deps.send(message);
        failures = 0;
        message.state = 'sent';
        this.deps.storage.remove(keyOf(message));
        this.deps.changed();
      } catch (error) {
        if (!(error instanceof CallError)) throw error;
        if (this.#over) return;
        if (error.isSoft) {
          failures += 1;
          message.state = 'waiting';
          this.deps.changed(error.code);
          const wait = (error.retryAfterMs ?? 0) * (error.code === 'too-fast' ? 1 : 2 ** Math.min(failures - 1, 5));
          await this.deps.wait(Math.min(wait, LONGEST_WAIT_MS) * (1 + this.deps.random() / 4), (fire) => {
            this.#hurry = fire;
          });
        } else {
          message.state = 'failed';
          this.deps.storage.remove(keyOf(message));
          this.deps.changed(error.code);
        }
      }
    }
  }
}

/** @param {OutMessage} message */
function keyOf({ at, id }) {
  // sorts by time
  return `out:${String(at).padStart(15, '0')}:${id}`;
}

/**
 * @param {string | undefined} written
 * @returns {OutMessage | undefined}
 */
function readMessage(written) {
  try {
    const { id, text, at } = JSON.parse(written ?? '');
    if (typeof id === 'string' && typeof text === 'string' && typeof at === 'number') {
      return { id, text, at, state: 'sending' };
    }
  } catch {
    // written by another version of the page
  }
  return undefined;
}
