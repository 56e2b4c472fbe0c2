import { HelpdeskError } from '../../helpdesk/errors.ts';
import type { Words } from '../../helpdesk/port.ts';
import { cleanText, isLongerThan } from '../../text/clean.ts';

/** Longest text of a staff user, in characters: more than one stanza carries. */
const MAX_WORDS = 65_536;

/** What a staff user says, as it may be kept. @throws HelpdeskError `forbidden` */
export function cleaned({ id, text }: Words): Words {
  if (isLongerThan(text, MAX_WORDS)) throw new HelpdeskError({ is: 'forbidden' });
  const clean = cleanText(text, MAX_WORDS);
  if (clean.trim() === '') throw new HelpdeskError({ is: 'forbidden' });
  return { id, text: clean };
}
