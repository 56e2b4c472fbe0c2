/**
 * The mark `▸`: whatever in a visitor's window is not the visitor's own words begins with it, and nobody can
 * write it at the start of a line, so that a notice cannot be forged.
 */
export const MARK = '▸';

/**
 * U+25B8 and what the eye takes for it: triangles and arrow heads that point to the right. Quotation marks
 * and brackets (`›`, `»`, `❯`, `>`) are none: people write them.
 */
const LOOK_ALIKES =
  '\u25b8\u25b6\u25b7\u25b9\u25ba\u25bb\u2023\u23f5\u22b3\u27a2\u27a3\u27a4\u2b9a\u2b9e\u2bc8\u{1d14c}\u{1d14d}\u{1f782}\u{1f892}';
/** What some program shows as the start of a new line, the separators U+001C to U+001E with it. */
const LINE_END = '\\n\\v\\f\\r\\u001c-\\u001e\\u0085\\u2028\\u2029';
/** White space and what renders as nothing, line ends left out. */
const BLANK = `[[\\s\\p{Z}\\p{Cc}\\p{Cf}\\p{DI}\\u2800]--[${LINE_END}]]`;
// Blank and look-alikes have no character in common, so that no run is read more than twice.
const FORGED = new RegExp(`(?<=^|[${LINE_END}])${BLANK}*[${LOOK_ALIKES}](?:${BLANK}|[${LOOK_ALIKES}])*`, 'gv');

/** Takes the mark and its look-alikes away from the start of every line of what a person wrote. */
export function withoutMarks(text: string): string {
  return text.replace(FORGED, '');
}

/** A line of the gateway's own in a visitor's window. */
export function marked(notice: string): string {
  return notice.startsWith(MARK) ? notice : `${MARK} ${notice}`;
}
