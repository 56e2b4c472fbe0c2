import { el } from './dom.js';
import { fileCard } from './file-card.js';
import { splitLinks } from './links.js';
import { oneLine } from './one-line.js';
import { pushCard } from './push-card.js';
import { texts, timeLocale } from './texts.js';

/** Begins a line of the helpdesk's own; the page shows such lines in a form of their own. */
const MARK = /^▸\s*/u;
const QUOTED_CHARACTERS = 120;

export const times = new Intl.DateTimeFormat(timeLocale, { timeStyle: 'short' });

/** @typedef {import('./conversation.js').Entry} Entry */

/**
 * @param {string} text
 * @returns {(Node | string)[]}
 */
export function withLinks(text) {
  return splitLinks(text).map((part) =>
    part.href === undefined
      ? part.text
      : el('a', { href: part.href, target: '_blank', rel: 'noopener noreferrer nofollow' }, part.text),
  );
}

/** @param {Entry['from']} from */
export function nameOf(from) {
  return from.is === 'staff' ? oneLine(from.name, 100) : texts.you;
}

/** An entry in a few words. @param {Entry} entry */
export function wordsOf({ isRemoved, file, text }) {
  if (isRemoved) return texts.removed;
  return oneLine(file === undefined ? text : file.name, QUOTED_CHARACTERS);
}

/**
 * What an entry is besides its place in the list.
 * @param {Entry} entry
 * @param {object} among
 * @param {boolean} among.isFirst of lines that stand together: the name is shown
 * @param {Entry | undefined} among.quoted
 * @param {(entry: Entry) => void} among.goTo
 * @param {(url: string) => boolean} among.openPage
 * @returns {Node[]}
 */
export function itemParts(entry, { isFirst, quoted, goTo, openPage }) {
  const { at, from, text } = entry;
  const time = el('time', { class: 'meta', datetime: new Date(at).toISOString() }, times.format(at));
  if (from.is === 'notice') return [el('p', {}, text.replace(MARK, '')), time];
  const name = nameOf(from);
  const isNamed = isFirst && from.is === 'staff';
  return [
    el('span', { class: isNamed ? 'sender' : 'visually-hidden', dir: 'auto' }, isNamed ? name : `${name}: `),
    bubble(entry, { name, quoted, goTo, openPage }),
    ...reactions(entry),
    time,
  ];
}

/**
 * @param {Entry} entry
 * @param {{ name: string, quoted: Entry | undefined, goTo: (entry: Entry) => void, openPage: (url: string) => boolean }} among
 */
function bubble(entry, { name, quoted, goTo, openPage }) {
  const { text, file, isPush, isEdited, isRemoved } = entry;
  if (isRemoved) return el('p', { class: 'bubble removed' }, texts.removed);
  if (file !== undefined) return el('div', { class: 'bubble media' }, fileCard(file));
  if (isPush) return pushCard(text, name, openPage);
  const edited = isEdited ? [' ', el('small', { class: 'edited' }, texts.edited)] : [];
  if (quoted === undefined) return el('p', { class: 'bubble' }, ...withLinks(text), ...edited);
  const quote = el(
    'button',
    { type: 'button', class: 'quote', onclick: () => goTo(quoted) },
    el('span', { class: 'visually-hidden' }, `${texts.inReplyTo(nameOf(quoted.from))} `),
    el('b', { dir: 'auto', 'aria-hidden': 'true' }, nameOf(quoted.from)),
    el('span', { dir: 'auto' }, wordsOf(quoted)),
  );
  return el('div', { class: 'bubble' }, quote, el('p', { class: 'words' }, ...withLinks(text), ...edited));
}

/** @param {Entry} entry */
function reactions({ reactions: given }) {
  /** @type {Map<string, string[]>} */
  const who = new Map();
  for (const [name, emoji] of given) {
    for (const one of emoji) who.set(one, [...(who.get(one) ?? []), name === '' ? texts.you : name]);
  }
  if (who.size === 0) return [];
  const chips = Array.from(who, ([emoji, names]) =>
    el(
      'li',
      { title: texts.reactedBy(names) },
      el('span', { dir: 'auto' }, emoji),
      names.length > 1 ? el('span', { 'aria-hidden': 'true' }, String(names.length)) : undefined,
      el('span', { class: 'visually-hidden' }, ` ${texts.reactedBy(names)}`),
    ),
  );
  return [el('ul', { class: 'reactions', 'aria-label': texts.reactions }, ...chips)];
}
