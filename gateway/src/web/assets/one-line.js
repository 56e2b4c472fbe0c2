/** What turns the direction of the text around it; an attacker's way to show `gpj.exe` as `exe.jpg`. */
const TURNS = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;
const BREAKS = /[\p{Cc}\u2028\u2029\s]+/gu;

/**
 * A name, or the beginning of a text, for one line among other words: no line breaks, no control characters, nothing
 * that turns the direction of its neighbours.
 * @param {string} text
 * @param {number} [most] characters
 */
export function oneLine(text, most = 200) {
  // what is cut away is not looked at
  const line = text
    .slice(0, most * 8)
    .replace(TURNS, '')
    .replace(BREAKS, ' ')
    .trim();
  const characters = Array.from(line);
  return characters.length <= most ? line : `${characters.slice(0, most).join('').trimEnd()}…`;
}
