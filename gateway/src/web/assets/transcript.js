import { nameOf, wordsOf } from './message-item.js';
import { oneLine } from './one-line.js';
import { dateLocale, texts, timeLocale } from './texts.js';

/**
 * The conversation as a text file, made here: nothing is sent anywhere.
 * @param {{ name: string, entries: readonly import('./conversation.js').Entry[], find: (number: number) => import('./conversation.js').Entry | undefined }} conversation
 * @returns {string}
 */
export function transcriptOf({ name, entries, find }) {
  const dates = new Intl.DateTimeFormat(dateLocale, { dateStyle: 'medium', timeStyle: 'short' });
  const times = new Intl.DateTimeFormat(timeLocale, { timeStyle: 'medium' });
  const title = texts.transcriptTitle(name, dates.format(entries[0]?.at ?? 0));
  const body = entries.map((entry) => {
    const { at, from } = entry;
    const who = from.is === 'notice' ? '*' : nameOf(from);
    const quoted = entry.answers === undefined ? undefined : find(entry.answers);
    const said = [
      ...(quoted === undefined ? [] : [`> ${nameOf(quoted.from)}: ${wordsOf(quoted)}`]),
      ...wordsIn(entry).split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/u),
      ...Array.from(
        entry.reactions,
        ([by, emoji]) => `[${by === '' ? texts.you : oneLine(by, 100)}: ${emoji.join(' ')}]`,
      ),
    ];
    // continuation lines are indented, so that nobody's text can look like another line
    return `[${times.format(at)}] ${who}: ${said.join('\r\n    ')}`;
  });
  return `${[title, '', ...body].join('\r\n')}\r\n`;
}

/** @param {import('./conversation.js').Entry} entry */
function wordsIn({ text, file, isEdited, isRemoved }) {
  if (isRemoved) return `(${texts.removed})`;
  if (file !== undefined) return `${oneLine(file.name, 120)} ${file.url}`;
  return isEdited ? `${text} (${texts.edited})` : text;
}

/** @param {string} text */
export function saveAsFile(text) {
  const url = URL.createObjectURL(new Blob(['\ufeff', text], { type: 'text/plain;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = texts.transcriptFile;
  link.click();
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, 60_000);
}
