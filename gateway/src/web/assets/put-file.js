import { CallError } from './api.js';

/** An upload of which nothing moved for so long is given up. */
const STALLED_MS = 45_000;
const RETRY_MS = 1_000;

/**
 * Puts a file to its slot. Not by `fetch`, which tells nothing of how far it is.
 * @param {string} path
 * @param {Blob} file
 * @param {string} type
 * @param {(share: number) => void} progress from 0 to 1
 * @param {AbortSignal} signal
 * @returns {Promise<void>} rejects with CallError
 */
export function putFile(path, file, type, progress, signal) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const lost = () => reject(new CallError('offline', { retryAfterMs: RETRY_MS }));
    let stalled = setTimeout(() => request.abort(), STALLED_MS);
    const stop = () => request.abort();
    request.upload.addEventListener('progress', ({ loaded, total }) => {
      clearTimeout(stalled);
      stalled = setTimeout(() => request.abort(), STALLED_MS);
      if (total > 0) progress(loaded / total);
    });
    request.addEventListener('load', () => {
      if (request.status >= 200 && request.status < 300) {
        resolve();
        return;
      }
      const { code = request.status === 413 ? 'too-large' : 'failed', retryAfterMs } = problemIn(request.responseText);
      const soft = retryAfterMs ?? (request.status >= 500 ? RETRY_MS : undefined);
      reject(new CallError(code, { retryAfterMs: soft }));
    });
    request.addEventListener('error', lost);
    request.addEventListener('abort', lost);
    request.addEventListener('loadend', () => {
      clearTimeout(stalled);
      signal.removeEventListener('abort', stop);
    });
    signal.addEventListener('abort', stop);
    request.open('PUT', path);
    request.setRequestHeader('Content-Type', type);
    request.send(file);
  });
}

/**
 * @param {string} answer
 * @returns {{ code?: string, retryAfterMs?: number }}
 */
function problemIn(answer) {
  try {
    const { code, retryAfterMs } = JSON.parse(answer).error;
    return {
      ...(typeof code === 'string' && { code }),
      ...(typeof retryAfterMs === 'number' && { retryAfterMs }),
    };
  } catch {
    // one of a proxy's pages in place of ours
    return {};
  }
}
