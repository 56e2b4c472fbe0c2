import { el } from './dom.js';
import { texts } from './texts.js';

const GATHER_MS = 1_000;
/** Who reads on finds no old news here. */
const KEPT_MS = 10_000;
const MOST_AT_ONCE = 2;

/**
 * Tells screen readers what changed in what was said before: when they have a moment, and several changes as one.
 */
export function announcer() {
  const element = el('p', { class: 'visually-hidden', role: 'status' });
  /** @type {string[]} */
  let gathered = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let forget;
  const tell = () => {
    element.textContent = gathered.length <= MOST_AT_ONCE ? gathered.join(' ') : texts.manyChanges(gathered.length);
    gathered = [];
    forget = setTimeout(() => {
      element.textContent = '';
    }, KEPT_MS);
  };
  return {
    element,
    /** @param {string} text */
    say(text) {
      if (gathered.length === 0) {
        clearTimeout(forget);
        setTimeout(tell, GATHER_MS);
      }
      if (!gathered.includes(text)) gathered.push(text);
    },
  };
}
