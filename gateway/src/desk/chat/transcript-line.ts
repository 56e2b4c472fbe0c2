import type { Line, StaffId } from '../../helpdesk/model.ts';
import { readingOf, TAKEN_BACK } from '../../helpdesk/reading.ts';
import { cut, isLongerThan } from '../../text/clean.ts';
import { MARK } from '../../text/mark.ts';
import { authorOf, type Desk, type Talk } from '../state.ts';
import { timeOfDay } from '../contacts/time-of-day.ts';

/** A line among others in a notice: with its time and who said it, and nothing in it that looks like the next one. */
export function inTranscript(desk: Desk, talk: Talk | undefined, line: Line, viewer: StaffId, longest: number): string {
  const time = timeOfDay(line.at, desk.settings.place.timeZone);
  const said = words(desk, talk?.label ?? 'Visitor', line, viewer);
  const text = isLongerThan(said, longest) ? `${cut(said, longest)}…` : said;
  return `${time} ${setIn(text)}`;
}

/** Of a person's text among lines of ours, all but the first: none of them looks like one of ours. */
export function setIn(text: string): string {
  return text.replace(/\n/gu, '\n      ');
}

function words(desk: Desk, visitor: string, line: Line, viewer: StaffId): string {
  const { from, text, extra } = line;
  if (from.is === 'notice') return text;
  const author = from.is === 'visitor' ? visitor : from.staff === viewer ? 'You' : authorOf(desk, from);
  if (line.takenBack) return `${author}: ${TAKEN_BACK}`;
  switch (extra?.is) {
    case 'push':
    case 'retraction':
    case 'reaction':
      // These say themselves who does what.
      return readingOf(line, viewer, author, visitor).body.slice(MARK.length).trimStart();
    case 'correction':
      return `${author} (corrected): ${text}`;
    case 'reply':
    case 'file':
    case undefined:
      return `${author}: ${text}`;
  }
}
