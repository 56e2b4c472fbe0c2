import { marked } from '../../../text/mark.ts';
import type { ChatLine, ChatState, KeptExtra } from '../chat/chat.ts';

export interface TranscriptHead {
  /** Name of the helpdesk. */
  readonly helpdesk: string;
  readonly team: string;
  readonly timeZone: string | undefined;
  /** There is more than these lines. */
  readonly isCut: boolean;
}

/**
 * What was said in a chat as plain text, as the visitor read it: without what staff alone read, with corrections in
 * their places. A line of several begins once; the others are set in, so that nobody can write what looks like
 * somebody else's.
 */
export function transcriptOf(chat: ChatState, lines: readonly ChatLine[], head: TranscriptHead): string {
  const { date, time } = clockOf(head.timeZone);
  const { texts, gone } = folded(lines);
  const written: string[] = [];
  let day = '';
  for (const line of lines) {
    if (line.extra?.is === 'correction' || line.extra?.is === 'retraction') continue;
    const today = date(line.at);
    if (today !== day) written.push('', today);
    day = today;
    const said = gone.has(line.number) ? marked('(taken back)') : sayingOf(line, texts.get(line.number));
    const whole = line.from.is === 'notice' ? marked(said) : `${nameOf(chat, line)}: ${said}`;
    written.push(`[${time(line.at)}] ${whole.split('\n').join('\n        ')}`);
  }
  const zone = head.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const began = `Chat with ${chat.card.name}, ${head.team}, begun on ${date(chat.startedAt)} at ${time(chat.startedAt)}`;
  const rest = head.isCut ? ['', 'The rest of this long chat is left out.'] : [];
  return [head.helpdesk, began, `All times: ${zone}`, ...written, ...rest, ''].join('\n');
}

/** What corrections and retractions have made of earlier lines, by number. */
function folded(lines: readonly ChatLine[]) {
  const texts = new Map<number, string>();
  const gone = new Set<number>();
  for (const { extra, text } of lines) {
    if (extra?.is === 'correction') texts.set(extra.number, text);
    else if (extra?.is === 'retraction') gone.add(extra.number);
  }
  return { texts, gone };
}

function sayingOf(line: ChatLine, corrected: string | undefined): string {
  if (corrected !== undefined) return `${corrected} (edited)`;
  const { text } = line;
  const is: KeptExtra['is'] | undefined = line.extra?.is;
  switch (is) {
    case 'file':
      return `${marked('(file)')} ${line.extra?.is === 'file' ? line.extra.file.name : ''} ${text}`;
    case 'push':
      return `${marked('(page to look at)')} ${text}`;
    case 'reaction':
      return text === '' ? marked('(took back a reaction)') : `${marked('(reaction)')} ${text}`;
    default:
      return text;
  }
}

/** A visitor may call themselves as staff are called, with a colon and words behind it. */
function nameOf(chat: ChatState, { from }: ChatLine): string {
  return from.is === 'staff' ? from.name : `Visitor ${chat.card.name}`;
}

function clockOf(timeZone: string | undefined) {
  const zone = timeZone === undefined ? {} : { timeZone };
  const days = new Intl.DateTimeFormat('en-GB', {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    ...zone,
  });
  const times = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', ...zone });
  return { date: (at: number) => days.format(at), time: (at: number) => times.format(at) };
}
