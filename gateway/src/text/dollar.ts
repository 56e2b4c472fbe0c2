import { isBlank } from './clean.ts';

/**
 * What a `$` at the start of a staff user's text means. No command may reach a visitor, whatever is around it:
 *
 * | text (after quotes, white space and invisible characters) | is |
 * |---|---|
 * | `$$…` | text, with one `$` |
 * | `$5`, `$ 5` | text: a price |
 * | `$word …` | a command, known or not |
 * | any other `$…` | malformed: not sent |
 * | text in which a later line begins with `$` and a letter | not sent |
 */
export type Dollar =
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'command'; readonly name: string; readonly rest: string }
  | { readonly is: 'malformed' }
  /** `line` counts from 1 */
  | { readonly is: 'later-line'; readonly line: number };

/** All characters with a dollar sign as their compatibility form. */
const DOLLAR = /[$\ufe69\uff04]/u;
const LINE_END = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/u;
const LINE_ENDS_IT = /[\n\r\v\f\u0085\u2028\u2029][\p{Cf}\p{DI}\t ]*$/u;
const LINE_BEGINS_IT = /^[\p{Cf}\p{DI}\t ]*[\n\r\v\f\u0085\u2028\u2029]/u;
/** White space, format characters and what renders as nothing. */
const BLANK = /^[\s\p{Z}\p{Cc}\p{Cf}\p{DI}\u2800]+/u;
const BLANKS = /[\p{Cc}\p{Cf}\p{DI}\u2800]/gu;

function withoutBlank(text: string): string {
  return text.replace(BLANK, '');
}

/** The first character, with its compatibility form: a full-width or small dollar sign is a dollar sign. */
function folded(text: string): string {
  const first = text.codePointAt(0);
  if (first === undefined) return '';
  const character = String.fromCodePoint(first);
  return character.normalize('NFKC') + text.slice(character.length);
}

/** Drops the quotation that reply functions of apps put before an answer: leading lines that begin with `>`. */
function withoutQuotes(text: string): string {
  let rest = text;
  for (;;) {
    const bare = withoutBlank(rest);
    if (!bare.startsWith('>')) return bare;
    const end = LINE_END.exec(bare);
    if (end === null) return '';
    rest = bare.slice(end.index + end[0].length);
  }
}

function laterCommandLine(text: string): number | undefined {
  const lines = text.split(LINE_END);
  for (let index = 1; index < lines.length; index++) {
    const line = folded(withoutBlank(lines[index] ?? ''));
    if (line.startsWith('$') && /^[\p{L}]/u.test(line.slice(1).replace(BLANKS, ''))) return index + 1;
  }
  return undefined;
}

/** The text without its quotation, in one or two readings: where neither is a command, the first one is sent. */
function ownTexts(body: string, quoted: number): readonly [string, ...string[]] {
  if (quoted <= 0) return [body];
  const own = body.slice(quoted);
  // an app that marks the whole text means that it answers
  if (isBlank(own)) return [withoutQuotes(body)];
  // a quotation ends with a line: else the app counts otherwise than we do, and no word is cut in pieces
  const isWhole = LINE_ENDS_IT.test(body.slice(0, quoted)) || LINE_BEGINS_IT.test(own);
  if (isWhole) return [own];
  const unquoted = withoutQuotes(body);
  return unquoted === '' || !withoutBlank(body).startsWith('>') ? [own, unquoted] : [unquoted, own];
}

/**
 * Reads a staff user's text. `quoted`: where a marked quotation at its start ends (XEP-0461, XEP-0428), in UTF-16 units.
 * The mark is an app's word: it may leave out what was said, but no command becomes text by it.
 */
export function readDollar(body: string, quoted = 0): Dollar {
  const [meant, ...others] = ownTexts(body, quoted);
  const read = readOwn(meant);
  if (read.is !== 'text') return read;
  return others.map(readOwn).find(({ is }) => is !== 'text') ?? read;
}

function readOwn(own: string): Dollar {
  if (!DOLLAR.test(own)) return { is: 'text', text: own };
  const start = folded(withoutQuotes(own));
  const later = laterCommandLine(own);
  if (!start.startsWith('$')) {
    return later === undefined ? { is: 'text', text: own } : { is: 'later-line', line: later };
  }
  const after = start.slice(1);
  const price = /^ ?\p{Nd}/u.test(after);
  if (price || folded(after).startsWith('$')) {
    if (later !== undefined) return { is: 'later-line', line: later };
    return { is: 'text', text: price ? own : `$${after.slice(1)}` };
  }
  const visible = after.replace(/^[\p{Cf}\p{DI}]+/u, '');
  const word = /^[\p{L}\p{Cf}\p{DI}][^\s\p{Z}]*/u.exec(visible)?.[0];
  if (word === undefined) return { is: 'malformed' };
  const name = word.replace(BLANKS, '').normalize('NFKC').toLowerCase();
  return { is: 'command', name, rest: visible.slice(word.length).trim() };
}

/** True for what must not be passed on to anybody. */
export function isCommandLike(body: string): boolean {
  return readDollar(body).is !== 'text';
}
