/**
 * The mark `▸`: whatever in a visitor's window is not the visitor's own words begins with it, and nobody can
 * write it at the start of a line, so that a notice cannot be forged.
 */
export const MARK = '▸';

/** U+25B8 and what looks like it: triangles, arrow heads and guillemets that point to the right. */
const LOOK_ALIKES =
  '\u25b8\u25b6\u25b7\u25b9\u25ba\u25bb\u2023\u27a4\u27a2\u27a3\u2b9e\u2bc8\u{1f782}\u{1f836}\u{1f83a}\u203a\u27e9\u276d\u276f\u2771\u00bb\u27eb\u22b3\u25e3\uff1e\u{1f892}';
const INVISIBLE = '[\\s\\p{Z}\\p{Cc}\\p{Cf}\\p{DI}\\u2800]';
const LINE_START = new RegExp(
  // what ends a line: also CR, VT, FF, NEL, U+2028 and U+2029
  `(^|[\\n\\r\\v\\f\\u0085\\u2028\\u2029])(?:(?![\\n\\r\\v\\f\\u0085\\u2028\\u2029])${INVISIBLE})*[${LOOK_ALIKES}](?:${INVISIBLE.replace('[', '[').replace(']', `${LOOK_ALIKES}]`)})*`,
  'gu',
);

/** Takes the mark and its look-alikes away from the start of every line of what a person wrote. */
export function withoutMarks(text: string): string {
  return text.replace(LINE_START, '$1');
}

/** A line of the gateway's own in a visitor's window. */
export function marked(notice: string): string {
  return `${MARK} ${notice}`;
}
