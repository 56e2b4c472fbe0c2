/**
 * Whom a person means by a name that they type, with more text behind it. Of the beginnings of the text the longest
 * that is somebody's username or whole name counts (the username before others' names); if none is, the longest in which each word begins a word of a name; if none
 * is, the longest that is found anywhere in a name. Case, accents and the form of letters do not count.
 */

export interface Named<Id> {
  readonly id: Id;
  /** What nobody else is called by: of people and teams of the same name, whose this is. One of the names. */
  readonly key: string;
  /** Each of these is a whole name: the full name, the username. */
  readonly names: readonly string[];
}

export type Whom<Id> =
  | { readonly is: 'found'; readonly id: Id; readonly text: string }
  | { readonly is: 'ambiguous'; readonly ids: readonly Id[]; readonly name: string }
  | { readonly is: 'unknown'; readonly name: string }
  /** nothing was typed */
  | { readonly is: 'nobody' };

/** Longest name that is looked for, in words and in characters. */
const MOST_WORDS = 8;
const LONGEST = 200;

const QUOTED = /^["“”„«»‟](?<name>[^"“”„«»‟\n]*)["“”„«»‟](?:\s*[,:;–—-])?\s*(?<text>[^]*)$/u;
/** Letters that no decomposition takes apart. */
const PLAIN = new Map(Object.entries({ ß: 'ss', ø: 'o', ł: 'l', đ: 'd', ð: 'd', þ: 'th', æ: 'ae', œ: 'oe', ı: 'i' }));

/** Equal for names that a person takes for the same. */
export function plain(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/[\p{M}\p{Cf}\p{DI}]/gu, '')
    .toLowerCase()
    .replace(/[ßøłđðþæœı]/gu, (letter) => PLAIN.get(letter) ?? letter)
    .replace(/[’‘ʼ]/gu, "'")
    .replace(/[\s\p{Z}]+/gu, ' ')
    .trim();
}

function wordsOf(name: string): readonly string[] {
  return name.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
}

interface Known<Id> {
  readonly id: Id;
  readonly key: string;
  readonly names: readonly string[];
  readonly words: readonly (readonly string[])[];
}

type Match = <Id>(typed: string, known: Known<Id>, raw: string) => boolean;

const isKey: Match = (_, { key }, raw) => raw === key;
const isPlainKey: Match = (typed, { key }) => typed === plain(key);

const isName: Match = (typed, { names }) => names.includes(typed);
/** `var sh` is Varun Shah, and so is `shah`. */
const beginsWords: Match = (typed, { names, words }) => {
  const wanted = wordsOf(typed);
  if (wanted.length === 0) return false;
  return names.some((name) => name.startsWith(typed)) || words.some((some) => isInOrder(wanted, some));
};
const isPart: Match = (typed, { names }) => typed !== '' && names.some((name) => name.includes(typed));

function isInOrder(wanted: readonly string[], words: readonly string[]): boolean {
  let at = 0;
  for (const word of words) if (at < wanted.length && word.startsWith(wanted[at] ?? '')) at++;
  return at === wanted.length;
}

interface Beginning {
  readonly typed: string;
  /** As it was written. */
  readonly raw: string;
  readonly rest: string;
}

/** Beginnings of the first line, the longest first, each with the text behind it. */
function beginnings(text: string): readonly Beginning[] {
  const quoted = QUOTED.exec(text)?.groups;
  if (quoted !== undefined)
    return [
      {
        typed: plain((quoted['name'] ?? '').slice(0, LONGEST)),
        raw: quoted['name'] ?? '',
        rest: (quoted['text'] ?? '').trim(),
      },
    ];
  const [line = ''] = text.split(/[\n\r\v\f\u0085\u2028\u2029]/u, 1);
  const found: Beginning[] = [];
  for (const { 0: word, index } of line.slice(0, LONGEST).matchAll(/[^\s\p{Z}]+/gu)) {
    if (found.length === MOST_WORDS) break;
    const end = index + word.length;
    const bare = (name: string) =>
      name
        .replace(/^@/u, '')
        .replace(/[,:;.!?–—-]+$/u, '')
        .trim();
    found.unshift({
      typed: bare(plain(text.slice(0, end))),
      raw: bare(text.slice(0, end).trim()),
      rest: text
        .slice(end)
        .replace(/^\s*[,:;–—-]?\s+/u, '')
        .trim(),
    });
  }
  return found;
}

/** `isMeant`: false for those whom nobody can mean here; they count only where nobody else is meant. */
export function whom<Id>(text: string, all: readonly Named<Id>[], isMeant: (id: Id) => boolean = () => true): Whom<Id> {
  const typed = beginnings(text);
  const [longest] = typed;
  if (longest === undefined || typed.every((one) => one.typed === '')) return { is: 'nobody' };
  const known = all.map(({ id, key, names }): Known<Id> => {
    const plainNames = names.map(plain).filter((name) => name !== '');
    return { id, key, names: plainNames, words: plainNames.map(wordsOf) };
  });
  for (const round of [[isKey, isPlainKey, isName], [beginsWords], [isPart]]) {
    for (const { typed: name, raw, rest } of typed) {
      if (name === '') continue;
      const matching = round.map((matches) => known.filter((one) => matches(name, one, raw)));
      const found = (matching.find((some) => some.length > 0) ?? []).map(({ id }) => id);
      const meant = found.length > 1 ? found.filter(isMeant) : found;
      const [first, ...others] = meant.length > 0 ? meant : found;
      if (first === undefined) continue;
      return others.length === 0
        ? { is: 'found', id: first, text: rest }
        : { is: 'ambiguous', ids: [first, ...others], name };
    }
  }
  return { is: 'unknown', name: typed.at(-1)?.typed ?? '' };
}
