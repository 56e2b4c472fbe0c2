import { CallError } from './api.js';

/**
 * A file on its way, until it has come back as a line.
 * @typedef {object} Upload
 * @property {string} id
 * @property {Blob & { readonly name: string }} file
 * @property {'waiting' | 'sending' | 'sent' | 'failed'} state
 * @property {number} progress from 0 to 1
 * @property {string} problem code; empty: none
 * @property {boolean} canRetry
 */
/** @typedef {{ maxBytes: number, types: readonly string[] }} FileRules */

const MOST_AT_ONCE = 10;
const TRIES = 3;
/** Who has to wait longer is told, and tries again. */
const LONGEST_WAIT_MS = 15_000;
/** What trying again does not change. */
const FOR_GOOD = new Set(['too-large', 'wrong-type', 'empty-file', 'ended', 'files-off']);
/** Its end says what a file is: a longer name loses its beginning. */
const NAME_CHARACTERS = 255;
/** The media type that the browser knows it by; empty: none. @param {Blob} file */
export function typeOf({ type }) {
  return (type.split(';')[0] ?? '').trim().toLowerCase();
}

/**
 * Files that the visitor sends: one after the other, each by a slot, its bytes, and a line that shows it. They live
 * as long as the page: a browser gives nobody the bytes again.
 */
export class Uploads {
  /** @type {Upload[]} */
  #uploads = [];
  /** @type {FileRules | undefined} */
  #rules;
  /** Where files already are whose line is not said yet. @type {Map<string, string>} */
  #stored = new Map();
  /** @type {{ upload: Upload, abort: AbortController } | undefined} */
  #current;
  #isOver = false;

  /**
   * @param {object} deps
   * @param {(file: { name: string, size: number, type?: string }) => Promise<{ putUrl: string, getUrl: string }>} deps.slot throws CallError
   * @param {(url: string, upload: Upload, progress: (share: number) => void, signal: AbortSignal) => Promise<void>} deps.put throws CallError
   * @param {(id: string, url: string) => Promise<unknown>} deps.share throws CallError
   * @param {(ms: number, signal: AbortSignal) => Promise<void>} deps.wait
   * @param {() => string} deps.makeId
   * @param {(upload: Upload) => void} deps.changed
   */
  constructor(deps) {
    this.deps = deps;
  }

  get all() {
    return /** @type {readonly Upload[]} */ (this.#uploads);
  }

  /** What may be sent; nothing: no files. @param {FileRules | undefined} rules */
  setRules(rules) {
    this.#rules = rules;
  }

  get isOn() {
    return this.#rules !== undefined && !this.#isOver;
  }

  /** @param {Iterable<Upload['file']>} files */
  add(files) {
    if (!this.isOn) return;
    for (const file of files) {
      const isTooMany = this.#uploads.filter(({ state }) => state !== 'failed').length >= MOST_AT_ONCE;
      const problem = isTooMany ? 'too-many-chosen' : this.#problemOf(file);
      /** @type {Upload} */
      const upload = {
        id: this.deps.makeId(),
        file,
        state: problem === '' ? 'waiting' : 'failed',
        progress: 0,
        problem,
        canRetry: isTooMany,
      };
      this.#uploads.push(upload);
      this.deps.changed(upload);
    }
    this.#next();
  }

  /** Takes one back that is not sent, or no longer shows one that failed. @param {string} id */
  cancel(id) {
    const upload = this.#uploads.find((other) => other.id === id);
    if (upload === undefined || upload.state === 'sent') return;
    this.#remove(upload);
    if (this.#current?.upload === upload) this.#current.abort.abort();
  }

  /** @param {string} id */
  retry(id) {
    const upload = this.#uploads.find((other) => other.id === id);
    if (upload?.state !== 'failed' || !upload.canRetry || !this.isOn) return;
    const problem = this.#problemOf(upload.file);
    if (problem !== '') this.#fail(upload, problem);
    else {
      Object.assign(upload, { state: 'waiting', progress: 0, problem: '', canRetry: false });
      this.deps.changed(upload);
      this.#next();
    }
  }

  /** The line of a file has come back. @param {string} id */
  shown(id) {
    const upload = this.#uploads.find((other) => other.id === id);
    if (upload !== undefined) this.#remove(upload);
  }

  /** The chat is over: what is not sent never will be. */
  close() {
    this.#isOver = true;
    this.#current?.abort.abort();
    // what failed before did not fail for that
    for (const upload of this.#uploads)
      if (upload.state !== 'sent') this.#fail(upload, upload.state === 'failed' ? upload.problem : 'ended');
  }

  /** @param {Upload['file']} file */
  #problemOf(file) {
    if (file.size === 0) return 'empty-file';
    // its kind is judged by who takes it, before a byte is sent: browsers have other names for some
    return file.size > (this.#rules?.maxBytes ?? 0) ? 'too-large' : '';
  }

  /** @param {Upload} upload */
  #remove(upload) {
    this.#uploads = this.#uploads.filter((other) => other !== upload);
    this.#stored.delete(upload.id);
    this.deps.changed(upload);
  }

  /** @param {Upload} upload @param {string} problem */
  #fail(upload, problem) {
    if (!this.#uploads.includes(upload)) return;
    Object.assign(upload, { state: 'failed', problem, canRetry: !FOR_GOOD.has(problem) && !this.#isOver });
    this.deps.changed(upload);
  }

  #next() {
    const upload = this.#uploads.find(({ state }) => state === 'waiting');
    if (this.#current !== undefined || this.#isOver || upload === undefined) return;
    const abort = new AbortController();
    this.#current = { upload, abort };
    void this.#send(upload, abort.signal)
      .catch((error) => {
        const code = error instanceof CallError ? error.code : 'failed';
        // not there any more: the next try brings it again
        if (code === 'bad-form') this.#stored.delete(upload.id);
        if (!abort.signal.aborted) this.#fail(upload, code);
      })
      .finally(() => {
        this.#current = undefined;
        this.#next();
      });
  }

  /** @param {Upload} upload @param {AbortSignal} signal */
  async #send(upload, signal) {
    upload.state = 'sending';
    this.deps.changed(upload);
    const url = this.#stored.get(upload.id) ?? (await this.#persist(() => this.#store(upload, signal), signal));
    if (signal.aborted) return;
    this.#stored.set(upload.id, url);
    await this.#persist(() => this.deps.share(upload.id, url), signal);
    this.#stored.delete(upload.id);
    if (signal.aborted) return;
    upload.state = 'sent';
    this.deps.changed(upload);
  }

  /** A slot is good for one try. @param {Upload} upload @param {AbortSignal} signal */
  async #store(upload, signal) {
    const { file } = upload;
    const type = typeOf(file);
    const { putUrl, getUrl } = await this.deps.slot({
      name: file.name.slice(-NAME_CHARACTERS),
      size: file.size,
      ...(type !== '' && { type }),
    });
    if (signal.aborted) return getUrl;
    const progress = (/** @type {number} */ share) => {
      upload.progress = share;
      this.deps.changed(upload);
    };
    progress(0);
    await this.deps.put(putUrl, upload, progress, signal);
    return getUrl;
  }

  /**
   * @template Result
   * @param {() => Promise<Result>} make
   * @param {AbortSignal} signal
   * @returns {Promise<Result>}
   */
  async #persist(make, signal) {
    for (let tries = 1; ; tries++) {
      try {
        return await make();
      } catch (error) {
        const wait = error instanceof CallError ? error.retryAfterMs : undefined;
        if (signal.aborted || wait === undefined || wait > LONGEST_WAIT_MS || tries === TRIES) throw error;
        await this.deps.wait(wait * tries, signal);
        if (signal.aborted) throw error;
      }
    }
  }
}
