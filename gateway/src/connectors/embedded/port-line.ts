import type { Line, LineExtra } from '../../helpdesk/model.ts';
import type { ChatLine, KeptExtra } from './chat/chat.ts';

/** A line in the port's words, as staff read it: a visitor's message ids are theirs alone. */
export function portLine({ number, id, at, from, text, extra, ref, takenBack }: ChatLine): Line {
  const more = {
    ...(extra !== undefined && { extra: portExtra(extra) }),
    ...(ref !== undefined && { ref }),
    ...(takenBack && { takenBack }),
  };
  switch (from.is) {
    case 'visitor':
      return { number, id, at, from: { is: 'visitor' }, text, ...more };
    case 'staff':
      return { number, id, at, from, text, ...more };
    case 'notice':
      return { number, id, at, from: { is: 'notice' }, text: from.forStaff ?? text, ...more };
  }
}

function portExtra(extra: KeptExtra): LineExtra {
  if (!('of' in extra)) return extra;
  const { number: _number, ...port } = extra;
  return port;
}
