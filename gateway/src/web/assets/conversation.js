import { oneLine } from './one-line.js';

/** @typedef {import('./connection.js').Line} Line */
/**
 * What is shown of one line, after everything that later lines say about it.
 * @typedef {object} Entry
 * @property {number} number
 * @property {number} newest number of the last line that had a say in it
 * @property {number} at
 * @property {Line['from']} from
 * @property {string} text
 * @property {import('./connection.js').SharedFile} [file]
 * @property {boolean} isPush the text is the address of a page to look at
 * @property {number} [answers] number of the line that it is a reply to
 * @property {boolean} isEdited
 * @property {boolean} isRemoved
 * @property {Map<string, readonly string[]>} reactions emoji by who; the visitor is the empty name
 */
/** @typedef {{ entry: Entry, how: 'new' | 'edited' | 'removed' | 'reacted', by: Line['from'] }} Change */

const MOST_REACTIONS = 20;
const LONGEST_REACTION = 16;

/** The lines of a chat as they are to be shown: corrections, removals and reactions are folded into what they are of. */
export class Conversation {
  /** In the order of the lines. @type {Entry[]} */
  entries = [];
  /** @type {Map<number, Entry>} */
  #byNumber = new Map();
  /** Who stands for a line that is not known: what was said about it came alone. @type {Set<Entry>} */
  #standIns = new Set();
  /** Who quotes whom. @type {Map<Entry, Entry[]>} */
  #answers = new Map();
  /** Reactions to lines that are not known. @type {Map<number, Line[]>} */
  #early = new Map();

  /**
   * The entry of a line, also of one that changed another.
   * @param {number} number
   */
  find(number) {
    return this.#byNumber.get(number);
  }

  /**
   * Takes in a line; a line that is known changes nothing.
   * @param {Line} line
   * @returns {Change | undefined} what is to be drawn
   */
  add(line) {
    const known = this.#byNumber.get(line.number);
    if (known !== undefined) return this.#standIns.has(known) ? this.#takePlace(known, line) : undefined;
    const { extra } = line;
    if (extra?.is === 'correction' || extra?.is === 'retraction') return this.#amend(line, extra.of, extra.is);
    if (extra?.is === 'reaction') return this.#react(line, extra.of);
    return { entry: this.#append(entryOf(line)), how: 'new', by: line.from };
  }

  /** Entries that quote this one. @param {Entry} entry */
  answersTo(entry) {
    return this.#answers.get(entry) ?? [];
  }

  /** @param {Entry} entry */
  #append(entry) {
    this.entries.push(entry);
    this.#byNumber.set(entry.number, entry);
    for (const reaction of this.#early.get(entry.number) ?? []) react(entry, reaction);
    this.#early.delete(entry.number);
    const quoted = entry.answers === undefined ? undefined : this.find(entry.answers);
    if (quoted !== undefined) addTo(this.#answers, quoted, entry);
    return entry;
  }

  /**
   * The line that an entry stood for has come after all.
   * @param {Entry} entry
   * @param {Line} line
   * @returns {Change}
   */
  #takePlace(entry, line) {
    this.#standIns.delete(entry);
    const { text, isEdited, isRemoved, newest, reactions } = entry;
    Object.assign(entry, entryOf(line), { newest, isEdited, isRemoved, reactions });
    if (isRemoved) clear(entry);
    else if (isEdited) replace(entry, text);
    return { entry, how: isRemoved ? 'removed' : 'edited', by: line.from };
  }

  /**
   * @param {Line} line
   * @param {number} of
   * @param {'correction' | 'retraction'} is
   * @returns {Change | undefined}
   */
  #amend(line, of, is) {
    const target = this.#byNumber.get(of);
    // nobody's words are changed by somebody else's
    const isTheirs = target === undefined ? of < line.number : target.from.is === line.from.is;
    if (!isTheirs || line.from.is === 'notice') {
      if (is === 'retraction') return undefined;
      return { entry: this.#append(entryOf(line)), how: 'new', by: line.from };
    }
    const entry = target ?? this.#append({ ...entryOf(line), number: of });
    if (target === undefined) this.#standIns.add(entry);
    this.#byNumber.set(line.number, entry);
    entry.newest = Math.max(entry.newest, line.number);
    if (entry.isRemoved) return undefined;
    if (is === 'retraction') {
      entry.isRemoved = true;
      clear(entry);
    } else {
      entry.isEdited = true;
      replace(entry, line.text);
    }
    const how = is === 'retraction' ? 'removed' : 'edited';
    return { entry, how: target === undefined ? 'new' : how, by: line.from };
  }

  /**
   * @param {Line} line
   * @param {number} of
   * @returns {Change | undefined}
   */
  #react(line, of) {
    const entry = this.#byNumber.get(of);
    if (entry === undefined) {
      if (of < line.number) addTo(this.#early, of, line);
      return undefined;
    }
    this.#byNumber.set(line.number, entry);
    return react(entry, line) ? { entry, how: 'reacted', by: line.from } : undefined;
  }
}

/**
 * @template Key
 * @template Value
 * @param {Map<Key, Value[]>} map
 * @param {Key} key
 * @param {Value} value
 */
function addTo(map, key, value) {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}

/**
 * @param {Line} line
 * @returns {Entry}
 */
function entryOf({ number, at, from, text, extra }) {
  return {
    number,
    newest: number,
    at,
    from,
    text,
    isPush: extra?.is === 'push',
    isEdited: false,
    isRemoved: false,
    reactions: new Map(),
    ...(extra?.is === 'file' && { file: extra.file }),
    ...(extra?.is === 'reply' && { answers: extra.of }),
  };
}

/** @param {Entry} entry @param {string} text */
function replace(entry, text) {
  entry.text = text;
  entry.isPush = false;
  delete entry.file;
}

/** Nothing of what was said stays in the page. @param {Entry} entry */
function clear(entry) {
  replace(entry, '');
  entry.reactions.clear();
  delete entry.answers;
}

/** @param {Entry} entry @param {Line} line @returns {boolean} */
function react(entry, { number, from, text }) {
  entry.newest = Math.max(entry.newest, number);
  if (entry.isRemoved || entry.from.is === 'notice' || from.is === 'notice') return false;
  const words = text
    .slice(0, 400)
    .split(/\s+/u)
    .map((word) => oneLine(word, LONGEST_REACTION));
  const emoji = [...new Set(words)].filter((word) => word !== '').slice(0, MOST_REACTIONS);
  const who = from.is === 'you' ? '' : from.name;
  if (emoji.length === 0) return entry.reactions.delete(who);
  entry.reactions.set(who, emoji);
  return true;
}
