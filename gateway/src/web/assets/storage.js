/**
 * What the page keeps over a reload. Where the browser keeps nothing (blocked or full), it lasts as long as the page.
 * @typedef {object} PageStorage
 * @property {(key: string) => string | undefined} get
 * @property {(key: string, value: string) => void} set
 * @property {(key: string) => void} remove
 * @property {(prefix: string) => string[]} keys sorted
 */

/**
 * @param {() => Storage} area called inside a guard: reading `localStorage` itself may throw
 * @param {string} prefix
 * @returns {PageStorage}
 */
export function openStorage(area, prefix) {
  /** @type {Map<string, string>} */
  const memory = new Map();
  /** @type {Storage | undefined} */
  let kept;
  try {
    kept = area();
    for (const key of keysIn(kept)) memory.set(key, kept.getItem(prefix + key) ?? '');
  } catch {
    kept = undefined;
  }

  /** @param {Storage} storage */
  function keysIn(storage) {
    return Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? '')
      .filter((key) => key.startsWith(prefix))
      .map((key) => key.slice(prefix.length));
  }

  return {
    get(key) {
      try {
        // another page of the same chat may have changed it
        if (kept !== undefined) return kept.getItem(prefix + key) ?? undefined;
      } catch {
        kept = undefined;
      }
      return memory.get(key);
    },
    set(key, value) {
      memory.set(key, value);
      try {
        kept?.setItem(prefix + key, value);
      } catch {
        kept = undefined;
      }
    },
    remove(key) {
      memory.delete(key);
      try {
        kept?.removeItem(prefix + key);
      } catch {
        kept = undefined;
      }
    },
    keys(start) {
      let keys = [...memory.keys()];
      try {
        if (kept !== undefined) keys = keysIn(kept);
      } catch {
        kept = undefined;
      }
      return keys.filter((key) => key.startsWith(start)).sort();
    },
  };
}
