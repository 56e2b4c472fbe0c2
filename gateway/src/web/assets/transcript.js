import { dateLocale, texts, timeLocale } from './texts.js';

/**
 * The conversation as a text file, made here: nothing is sent anywhere.
 * @param {{ name: string, lines: readonly import('./connection.js').Line[] }} conversation
 * @returns {string}
 */
export function transcriptOf({ name, lines }) {
  const dates = new Intl.DateTimeFormat(dateLocale, { dateStyle: 'medium', timeStyle: 'short' });
  const times = new Intl.DateTimeFormat(timeLocale, { timeStyle: 'medium' });
  const title = texts.transcriptTitle(name, dates.format(lines[0]?.at ?? 0));
  const body = lines.map(({ at, from, text }) => {
    const who = from.is === 'you' ? texts.you : from.is === 'staff' ? from.name : '*';
    // continuation lines are indented, so that nobody's text can look like another line
    return `[${times.format(at)}] ${who}: ${text.split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/u).join('\r\n    ')}`;
  });
  return `${[title, '', ...body].join('\r\n')}\r\n`;
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
