import type { ChatLine, KeptExtra } from '../chat/chat.ts';
import type { PageExtra, PageLine } from '../visitor-site.ts';

/** A line as the visitor's page shows it: what staff alone read, and the ids of their apps, stay here. */
export function pageLine({ number, at, from, text, extra }: ChatLine): PageLine {
  const more = extra === undefined ? {} : { extra: pageExtra(extra) };
  switch (from.is) {
    case 'visitor':
      return { number, at, from: { is: 'you', messageId: from.messageId }, text, ...more };
    case 'staff':
      return { number, at, from: { is: 'staff', name: from.name }, text, ...more };
    case 'notice':
      return { number, at, from: { is: 'notice' }, text, ...more };
  }
}

function pageExtra(extra: KeptExtra): PageExtra {
  return 'of' in extra ? { is: extra.is, of: extra.number } : extra;
}
