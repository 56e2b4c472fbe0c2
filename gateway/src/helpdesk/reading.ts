/**
 * How a line of a transcript reads to one staff user, wherever it is shown: live, late, played back, or from the
 * archive.
 */
import { marked } from '../text/mark.ts';
import type { PeerMessage } from './archive.ts';
import type { EarlierLine, Line, StaffId } from './model.ts';

export interface Reading {
  readonly body: string;
  /** What apps that know more than text make of it; ids as the reader's apps know them. */
  readonly extras?: {
    readonly replaces?: string;
    readonly retracts?: string;
    readonly reacts?: { readonly to: string; readonly with: readonly string[] };
    readonly answers?: string;
    readonly url?: string;
  };
}

/**
 * Whoever is no visitor is named in the text: to an app all lines of a chat come from the visitor. A colleague's
 * reaction is therefore told in words, or it would be shown as the visitor's own.
 *
 * | line | body | beside it |
 * |---|---|---|
 * | text, correction, reply, file | the text, with the name if it is a colleague's | correction, reply, address |
 * | retraction | who took it back | retraction |
 * | reaction by the visitor, or one's own | who reacted with what | reaction |
 * | reaction by a colleague | the same | reply to that line |
 * | a page to look at | who asks, and the address | – |
 * | what was taken back since | that it was | correction |
 */
export function readingOf(line: Line, reader: StaffId, author: string, visitor = 'The visitor'): Reading {
  const { from, text, extra } = line;
  if (from.is === 'notice') return { body: marked(text) };
  const isOwn = from.is === 'staff' && from.staff === reader;
  const isColleague = from.is === 'staff' && !isOwn;
  const who = from.is === 'visitor' ? visitor : isOwn ? 'You' : author;
  if (line.takenBack) return takenBack(line, reader, isColleague ? `${author}: ` : '');
  const body = isColleague ? marked(`${author}: ${text}`) : text;
  switch (extra?.is) {
    case undefined:
      return { body };
    case 'correction':
      return { body, extras: { replaces: idFor(extra, reader) } };
    case 'reply':
      return { body, extras: { answers: idFor(extra, reader) } };
    case 'file':
      return { body, extras: { url: extra.file.url } };
    case 'push':
      return { body: marked(`${who} asked the visitor to look at: ${text}`) };
    case 'retraction':
      return { body: marked(`${who} took back a message.`), extras: { retracts: idFor(extra, reader) } };
    case 'reaction': {
      const emoji = text === '' ? [] : text.split(' ');
      const told = marked(emoji.length === 0 ? `${who} took back a reaction.` : `${who} reacted with ${text}`);
      const to = idFor(extra, reader);
      return { body: told, extras: isColleague ? { answers: to } : { reacts: { to, with: emoji } } };
    }
  }
}

/** In the place of the text: apps that have it already, as those that get it now, show it no more. */
export const TAKEN_BACK = '(taken back)';

function takenBack({ extra }: Line, reader: StaffId, who: string): Reading {
  const body = marked(`${who}${TAKEN_BACK}`);
  return extra?.is === 'correction' ? { body, extras: { replaces: idFor(extra, reader) } } : { body };
}

/** How a text between staff reads to one of the two; ids are as its author's app wrote them, and both know them. */
export function peerReadingOf({ from, text, extra }: PeerMessage, reader: StaffId): Reading {
  const isOwn = from === reader;
  switch (extra?.is) {
    case undefined:
    case 'push':
      return { body: text };
    case 'correction':
      return { body: text, extras: { replaces: extra.of } };
    case 'reply':
      return { body: text, extras: { answers: extra.of } };
    case 'file':
      return { body: text, extras: { url: extra.file.url } };
    case 'retraction':
      return {
        body: marked(isOwn ? 'You took back a message.' : 'A message was taken back.'),
        extras: { retracts: extra.of },
      };
    case 'reaction': {
      const emoji = text === '' ? [] : text.split(' ');
      const what = emoji.length === 0 ? 'took back a reaction.' : `reacted with ${text}`;
      const body = marked(isOwn ? `You ${what}` : `${what.charAt(0).toUpperCase()}${what.slice(1)}`);
      return { body, extras: { reacts: { to: extra.of, with: emoji } } };
    }
  }
}

function idFor({ of, author }: EarlierLine, reader: StaffId): string {
  return author?.staff === reader ? author.ref : of;
}
