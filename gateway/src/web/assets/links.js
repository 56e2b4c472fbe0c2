import { webUrl } from './web-url.js';

/** Links in one message above this number stay text. */
const MOST_LINKS = 20;
const LONGEST_LINK = 2_048;
/** Nothing that turns the direction of a text: an address is read as it is. */
const LINK = /https?:\/\/[^\s<>"'`\u2028\u2029\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]+/giu;
/** What ends a sentence around an address and is rarely part of it. */
const AFTER_LINK = /[.,;:!?…)\]}»”’]$/u;

/**
 * Cuts a text into what is a link (http and https only) and what is not. Their texts, joined, are the text.
 * @param {string} text
 * @returns {{ text: string, href?: string }[]}
 */
export function splitLinks(text) {
  /** @type {{ text: string, href?: string }[]} */
  const parts = [];
  let done = 0;
  let links = 0;
  for (const match of text.matchAll(LINK)) {
    if (links === MOST_LINKS) break;
    const found = trimmed(match[0]);
    const url = found.length <= LONGEST_LINK ? webUrl(found) : undefined;
    if (url === undefined || url.hostname === '') continue;
    // an address with a name in it pretends to be another one
    if (url.username !== '' || url.password !== '') continue;
    if (match.index > done) parts.push({ text: text.slice(done, match.index) });
    parts.push({ text: found, href: url.href });
    done = match.index + found.length;
    links += 1;
  }
  if (done < text.length || parts.length === 0) parts.push({ text: text.slice(done) });
  return parts;
}

/**
 * @param {string} link
 * @returns {string}
 */
function trimmed(link) {
  let end = link.length;
  let open = 0;
  for (const character of link) open += character === '(' ? 1 : character === ')' ? -1 : 0;
  while (end > 0 && AFTER_LINK.test(link[end - 1] ?? '')) {
    // a closing bracket whose opening one is in the address belongs to it
    if (link[end - 1] === ')') {
      if (open >= 0) break;
      open += 1;
    }
    end -= 1;
  }
  return link.slice(0, end);
}
