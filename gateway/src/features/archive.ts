import { archivedItem } from '../routing/archived.ts';
import { type AskedPage, readQuery, RESULT_SETS } from '../routing/archive-query.ts';
import { FORMS } from '../routing/form.ts';
import { onlyAt } from '../routing/iq.ts';
import { ARCHIVE_PAGE, ARCHIVE_PAGE_OF_MANY, ARCHIVE_QUERIES } from '../routing/limits.ts';
import { ARCHIVE, dateTime, readerOf, renderArchived } from '../routing/render.ts';
import type { Session } from '../c2s/session.ts';
import type { Archive, Archived, ArchivePage, ArchiveQuery } from '../helpdesk/archive.ts';
import { type XmlElement, xml } from '../xmpp/element.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import { defineFeature, type IqRequest } from './feature.ts';

const EMPTY: ArchivePage = { entries: [], complete: true, count: 0, index: 0 };
const memory = Symbol('archive');

interface Queue {
  length: number;
  last: Promise<unknown>;
}

interface PageSize {
  readonly entries: number;
  readonly characters: number;
}

/**
 * One page at a time: what an app asks for all at once is never all in memory, and what it has not acknowledged stays
 * below the cap of its queue.
 */
async function inTurn<T>(session: Session, work: (most: PageSize) => Promise<T>): Promise<T> {
  const queue = (session.memory.get(memory) as Queue | undefined) ?? { length: 0, last: Promise.resolve() };
  session.memory.set(memory, queue);
  if (queue.length >= ARCHIVE_QUERIES) {
    throw new StanzaError('wait', 'resource-constraint', 'Too many queries at once.');
  }
  queue.length++;
  const most = queue.length === 1 ? ARCHIVE_PAGE : ARCHIVE_PAGE_OF_MANY;
  const go = () => work(most);
  const done = queue.last.then(go, go);
  queue.last = done;
  try {
    return await done;
  } finally {
    queue.length--;
  }
}

/** As much as an answer may have; a page from the end keeps its end [XEP-0059 §2.1: fewer than asked for]. */
function cutToSize(page: ArchivePage, { characters }: PageSize, fromEnd: boolean): ArchivePage {
  const { entries } = page;
  let left = characters;
  let kept = 0;
  for (const entry of fromEnd ? entries.toReversed() : entries) {
    left -= sizeOf(entry);
    if (left < 0 && kept > 0) break;
    kept++;
  }
  if (kept === entries.length) return page;
  const dropped = entries.length - kept;
  return fromEnd
    ? { ...page, entries: entries.slice(dropped), index: page.index + dropped, complete: false }
    : { ...page, entries: entries.slice(0, kept), complete: false };
}

/** Roughly, as a stanza. */
function sizeOf(entry: Archived): number {
  return 800 + (entry.is === 'line' ? entry.line.text : entry.message.text).length;
}

const idOf = (entry: Archived): string => (entry.is === 'line' ? entry.line.id : entry.message.id);
const timeOf = (entry: Archived): number => (entry.is === 'line' ? entry.line.at : entry.message.at);

function field(name: string, type: string, ...children: readonly XmlElement[]): XmlElement {
  return xml('field', { var: name, type }, ...children);
}

/** What can be asked for [XEP-0313 §4.1]. */
function form(): XmlElement {
  const anyValue = xml(
    'validate',
    { xmlns: 'http://jabber.org/protocol/xdata-validate', datatype: 'xs:string' },
    xml('open'),
  );
  return xml(
    'query',
    ARCHIVE,
    xml(
      'x',
      { xmlns: FORMS, type: 'form' },
      field('FORM_TYPE', 'hidden', xml('value', {}, ARCHIVE)),
      field('with', 'jid-single'),
      field('start', 'text-single'),
      field('end', 'text-single'),
      field('before-id', 'text-single'),
      field('after-id', 'text-single'),
      field('ids', 'list-multi', anyValue),
    ),
  );
}

/** The end of a page [XEP-0313 §4.4, XEP-0059 §2]; `first` is its oldest entry, also where it is flipped. */
function fin({ entries, complete, count, index }: ArchivePage, { isWhole }: AskedPage): XmlElement {
  const [first, last] = [entries[0], entries.at(-1)];
  return xml(
    'fin',
    { xmlns: ARCHIVE, complete: complete ? 'true' : undefined },
    xml(
      'set',
      RESULT_SETS,
      first && xml('first', { index: isWhole ? index : undefined }, idOf(first)),
      last && xml('last', {}, idOf(last)),
      isWhole && xml('count', {}, String(count)),
    ),
  );
}

/** Keeping is not a matter of taste: transcripts are the helpdesk's. [XEP-0313 §6] */
function preferences(): XmlElement {
  return xml('prefs', { xmlns: ARCHIVE, default: 'always' }, xml('always'), xml('never'));
}

/** One end of the archive [XEP-0313 §5]. */
function metadata(name: 'start' | 'end', entry: Archived | undefined): XmlElement | undefined {
  return entry && xml(name, { id: idOf(entry), timestamp: dateTime(timeOf(entry)) });
}

export const archive = defineFeature({
  name: 'message archive',
  spec: 'XEP-0313 1.1.3',
  scope:
    `Chats that a staff user takes or took part in, and texts with colleagues; pages of at most ${ARCHIVE_PAGE.entries} ` +
    '(XEP-0059 1.0). Everything is kept: preferences cannot be changed.',
  setup({ onIq, onInfo, onClosed }, { archiveOf }) {
    // COMPAT(profanity, it looks for an archive at the server alone, and then asks its own)
    onInfo(({ session, to }) =>
      (to.is === 'account' || to.is === 'domain') && archiveOf(session.tenant) !== undefined
        ? { features: [ARCHIVE, `${ARCHIVE}#extended`] }
        : undefined,
    );

    /** Only one's own. */
    const own = (request: IqRequest): Archive => {
      onlyAt(request, 'account');
      const found = archiveOf(request.session.tenant);
      if (found === undefined) throw new StanzaError('cancel', 'service-unavailable');
      return found;
    };

    const pageOf = async (from: Archive, session: Session, query: ArchiveQuery | undefined): Promise<ArchivePage> => {
      // Only the number is wanted [XEP-0059 §2.6].
      const isCount = query?.limit === 0;
      const asked = isCount ? { ...query, limit: 1 } : query;
      const page = asked === undefined ? EMPTY : await from.page(session.tenant.id, session.staff, asked);
      if (page === undefined) throw new StanzaError('cancel', 'item-not-found');
      return isCount ? { ...page, entries: [], complete: page.count === 0 } : page;
    };

    onIq('get', ARCHIVE, 'query', (request) => {
      own(request);
      return form();
    });

    onIq('set', ARCHIVE, 'query', async (request) => {
      const from = own(request);
      const { session, payload } = request;
      const asked = readQuery(payload, session);
      return inTurn(session, async (most) => {
        const { query } = asked;
        const limited = query && { ...query, limit: Math.min(query.limit, most.entries) };
        const page = cutToSize(await pageOf(from, session, limited), most, query?.fromEnd === true);
        const reader = readerOf(session);
        const entries = asked.isFlipped ? page.entries.toReversed() : page.entries;
        for (const entry of entries) {
          const item = archivedItem(entry, session.staff, session.tenant);
          session.send(renderArchived(item, reader, asked.queryId), 'keep');
        }
        return fin(page, asked);
      });
    });

    onIq('get', ARCHIVE, 'metadata', async (request) => {
      const from = own(request);
      const { session } = request;
      const [oldest, newest] = await inTurn(session, () =>
        Promise.all([pageOf(from, session, { limit: 1 }), pageOf(from, session, { limit: 1, fromEnd: true })]),
      );
      return xml('metadata', ARCHIVE, metadata('start', oldest.entries[0]), metadata('end', newest.entries[0]));
    });

    onIq('get', ARCHIVE, 'prefs', (request) => {
      own(request);
      return preferences();
    });
    onIq('set', ARCHIVE, 'prefs', (request) => {
      own(request);
      return preferences();
    });

    onClosed((session) => {
      session.memory.delete(memory);
    });
  },
});
