/**
 * @typedef {object} Line
 * @property {number} number
 * @property {number} at
 * @property {{ is: 'you', messageId: string } | { is: 'staff', name: string } | { is: 'notice' }} from
 * @property {string} text
 * @property {Extra} [extra]
 */
/** @typedef {{ name: string, type: string, size: number, url: string }} SharedFile */
/**
 * What a line is beside its text; `of` is the number of the line that it speaks of.
 * @typedef {{ is: 'correction' | 'retraction' | 'reaction' | 'reply', of: number } | { is: 'file', file: SharedFile } | { is: 'push' }} Extra
 */
/**
 * @typedef {object} Frame
 * @property {object} view
 * @property {{ is: 'waiting' } | { is: 'running' } | { is: 'ended', why: string, at: number }} view.phase
 * @property {string[]} view.with
 * @property {string} view.teamName
 * @property {Line[]} view.lines
 * @property {number} [view.seen] staff have seen the visitor's lines up to this one
 * @property {boolean} view.more
 * @property {string[]} typing
 * @property {string} version
 */
/**
 * The part of `WebSocket` that is used.
 * @typedef {Pick<WebSocket, 'send' | 'close' | 'readyState' | 'onopen' | 'onmessage' | 'onclose'>} Socket
 */
/**
 * @typedef {object} ConnectionDeps
 * @property {() => Socket} openSocket may throw
 * @property {(body: { after: number, unless?: string }, signal: AbortSignal) => Promise<Frame>} read throws CallError
 * @property {(on: boolean) => Promise<unknown>} typing for want of a socket
 * @property {(line: number) => Promise<unknown>} seen for want of a socket
 * @property {string} ticket
 * @property {{ now: () => number, after: (ms: number, fire: () => void) => () => void }} clock
 * @property {() => number} random
 * @property {(frame: Frame) => void} onFrame
 * @property {(state: 'online' | 'offline' | 'gone') => void} onState
 */

const FIRST_FRAME_MS = 6_000;
const HEARD_MS = 9_000;
/** A server that does not answer a sign of life in this time is not there. */
const ANSWER_MS = 10_000;
/** While reads do, a socket is tried again after this time, then after twice as much. */
const SOCKET_AGAIN_MS = 60_000;
const SOCKET_AGAIN_MOST_MS = 600_000;
const LONGEST_WAIT_MS = 15_000;
/** Codes of the server's that say what HTTP says with 401 and 404. */
const GONE = new Set([4401, 4404]);

/**
 * Keeps a page up to date with its chat: over a socket; where none can be opened, by reads that wait. Lines are asked
 * for by number, so however often it starts anew, each is got once.
 */
export class Connection {
  #after = 0;
  /** @type {string | undefined} */
  #version;
  #stopped = false;
  #socketNotBefore = Number.NEGATIVE_INFINITY;
  #socketAgain = SOCKET_AGAIN_MS;
  /** @type {Socket | undefined} */
  #live;
  /** @type {() => void} */
  #wake = () => {};
  /** @type {() => void} */
  #check = () => {};
  /** @type {AbortController | undefined} */
  #reading;

  /** @param {ConnectionDeps} deps */
  constructor(deps) {
    this.deps = deps;
  }

  /** Runs until the chat is over, its ticket is refused, or it is stopped. */
  async run() {
    let failures = 0;
    while (!this.#stopped) {
      const trySocket = this.deps.clock.now() >= this.#socketNotBefore;
      const lived = trySocket ? await this.#bySocket() : await this.#byReading();
      if (this.#stopped) return;
      if (trySocket && !lived) {
        this.#socketNotBefore = this.deps.clock.now() + this.#socketAgain;
        this.#socketAgain = Math.min(this.#socketAgain * 2, SOCKET_AGAIN_MOST_MS);
      } else if (trySocket) {
        this.#socketAgain = SOCKET_AGAIN_MS;
        failures = 0;
        await this.#pause(300 * this.deps.random());
      } else if (lived) failures = 0;
      else {
        failures += 1;
        this.#socketAgain = SOCKET_AGAIN_MS;
        this.deps.onState('offline');
        await this.#pause(Math.min(500 * 2 ** (failures - 1), LONGEST_WAIT_MS) * (0.75 + this.deps.random() / 2));
        // what kept the reads away may have kept the socket away too
        if (failures > 1) this.#socketNotBefore = Number.NEGATIVE_INFINITY;
      }
    }
  }

  /** The browser says that the network is back, or the page is looked at again. */
  hurry() {
    this.#wake();
    this.#check();
  }

  stop() {
    this.#stopped = true;
    this.#live?.close();
    this.#reading?.abort();
    this.#wake();
  }

  /** @param {boolean} on */
  typing(on) {
    if (this.#stopped) return;
    if (this.#live?.readyState === 1) this.#live.send(JSON.stringify({ type: 'typing', on }));
    // a sign of typing that gets lost is no loss
    else this.deps.typing(on).catch(() => {});
  }

  /** The page has shown the lines up to this one. @param {number} line */
  async seen(line) {
    if (this.#live?.readyState === 1) this.#live.send(JSON.stringify({ type: 'seen', line }));
    else await this.deps.seen(line);
  }

  /** @param {Frame} frame */
  #take(frame) {
    // what was on its way when this was stopped
    if (this.#stopped) return;
    const last = frame.view.lines.at(-1);
    const lines = frame.view.lines.filter(({ number }) => number > this.#after);
    this.#after = Math.max(this.#after, last?.number ?? 0);
    this.#version = frame.version;
    this.deps.onState('online');
    this.deps.onFrame({ ...frame, view: { ...frame.view, lines } });
    if (frame.view.phase.is === 'ended' && !frame.view.more) this.#stopped = true;
  }

  #gone() {
    this.#stopped = true;
    this.deps.onState('gone');
  }

  /** Resolves when the socket is closed: true when it had been of use. */
  async #bySocket() {
    const { clock } = this.deps;
    /** @type {Socket} */
    let socket;
    try {
      socket = this.deps.openSocket();
    } catch {
      return false;
    }
    this.#live = socket;
    let lived = false;
    /** @type {() => void} */
    let cancel = () => {};
    const code = await new Promise((resolve) => {
      const giveUp = () => {
        resolve(1006);
        socket.close();
      };
      const beat = () => {
        if (socket.readyState !== 1) return;
        cancel();
        socket.send('{"type":"heard"}');
        cancel = clock.after(ANSWER_MS, giveUp);
      };
      this.#check = () => {
        if (lived) beat();
      };
      cancel = clock.after(FIRST_FRAME_MS, giveUp);
      socket.onopen = () => {
        socket.send(JSON.stringify({ type: 'hello', ticket: this.deps.ticket, after: this.#after }));
      };
      socket.onmessage = ({ data }) => {
        const message = JSON.parse(String(data));
        cancel();
        cancel = clock.after(HEARD_MS, beat);
        if (message.type !== 'frame') return;
        lived = true;
        this.#take(message);
      };
      socket.onclose = (event) => {
        resolve(event.code);
      };
    });
    cancel();
    socket.onopen = socket.onmessage = socket.onclose = null;
    this.#live = undefined;
    this.#check = () => {};
    if (!this.#stopped && GONE.has(code)) this.#gone();
    return lived;
  }

  /** Reads until that fails, or until it is time to try a socket: true when it had been of use. */
  async #byReading() {
    let lived = false;
    while (!this.#stopped && this.deps.clock.now() < this.#socketNotBefore) {
      this.#reading = new AbortController();
      const body = { after: this.#after, ...(this.#version !== undefined && { unless: this.#version }) };
      try {
        this.#take(await this.deps.read(body, this.#reading.signal));
        lived = true;
      } catch (error) {
        if (this.#stopped) return lived;
        const { code, retryAfterMs } = /** @type {import('./api.js').CallError} */ (error);
        if (code === 'not-found' || code === 'no-ticket') this.#gone();
        else if (code === 'too-fast' && retryAfterMs !== undefined) await this.#pause(retryAfterMs);
        return false;
      }
    }
    return lived;
  }

  /** @param {number} ms */
  async #pause(ms) {
    await new Promise((resolve) => {
      const cancel = this.deps.clock.after(ms, () => {
        resolve(undefined);
      });
      this.#wake = () => {
        cancel();
        resolve(undefined);
      };
    });
    this.#wake = () => {};
  }
}
