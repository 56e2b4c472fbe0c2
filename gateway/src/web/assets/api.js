/** A call that was not done. `retryAfterMs` is set when the same call may succeed later. */
export class CallError extends Error {
  /**
   * @param {string} code the server's, or `offline`
   * @param {{ field?: string | undefined, retryAfterMs?: number | undefined }} [more]
   */
  constructor(code, { field, retryAfterMs } = {}) {
    super(code);
    this.code = code;
    this.field = field;
    this.retryAfterMs = retryAfterMs;
  }

  /** True when the same call may succeed later without anybody changing anything. */
  get isSoft() {
    return this.retryAfterMs !== undefined;
  }
}

const TIMEOUT_MS = 20_000;
const OFFLINE_RETRY_MS = 1_000;

/**
 * @typedef {(verb: string, body: object, ticket?: string, signal?: AbortSignal) => Promise<any>} Call
 */

/**
 * Makes the page's calls: `POST /api/<tenant>/<verb>`.
 * @param {string} tenant
 * @param {typeof fetch} fetchFunction
 * @returns {Call}
 */
export function makeCaller(tenant, fetchFunction) {
  return async (verb, body, ticket, signal) => {
    const abort = new AbortController();
    const stop = () => abort.abort();
    const deadline = setTimeout(stop, TIMEOUT_MS);
    signal?.addEventListener('abort', stop);
    /** @type {Response} */
    let response;
    /** @type {any} */
    let answer;
    try {
      response = await fetchFunction(`/api/${encodeURIComponent(tenant)}/${verb}`, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: {
          'Content-Type': 'application/json',
          ...(ticket !== undefined && { Authorization: `Ticket ${ticket}` }),
        },
        signal: abort.signal,
        cache: 'no-store',
        credentials: 'omit',
        referrerPolicy: 'no-referrer',
      });
      answer = await response.json();
    } catch {
      // no answer, or one of a proxy's pages in place of ours
      throw new CallError('offline', { retryAfterMs: OFFLINE_RETRY_MS });
    } finally {
      clearTimeout(deadline);
      signal?.removeEventListener('abort', stop);
    }
    if (response.ok) return answer;
    const { code = 'failed', field, retryAfterMs } = answer?.error ?? {};
    const soft = retryAfterMs ?? (response.status >= 500 ? OFFLINE_RETRY_MS : undefined);
    throw new CallError(String(code), { field, retryAfterMs: soft });
  };
}
