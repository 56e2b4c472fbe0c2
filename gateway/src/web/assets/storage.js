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
    for (let index = 0; index < kept.length; index++) {
      const key = kept.key(index);
      if (key?.startsWith(prefix)) memory.set(key.slice(prefix.length), kept.getItem(key) ?? '');
    }
  } catch {
    kept = undefined;
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
      return [...memory.keys()].filter((key) => key.startsWith(start)).sort();
    },
  };
}
