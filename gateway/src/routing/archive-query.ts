import type { ArchiveQuery } from '../helpdesk/archive.ts';
import type { XmlElement } from '../xmpp/element.ts';
import { parseJid } from '../xmpp/jid.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import { addresseeOf, chatAt, staffAt, type Viewer } from './addressee.ts';
import { FORMS } from './form.ts';
import { ARCHIVE_IDS, ARCHIVE_PAGE } from './limits.ts';
import { LONGEST_ID } from './read-message.ts';
import { ARCHIVE } from './render.ts';
import type { StaffId } from '../helpdesk/model.ts';

/** XEP-0059 */
export const RESULT_SETS = 'http://jabber.org/protocol/rsm';

/** A query of an app. */
export interface AskedPage {
  /** `undefined`: for somebody with whom nothing can have been said. */
  readonly query: ArchiveQuery | undefined;
  readonly queryId: string | undefined;
  /** Newest first [XEP-0313 §4.5]. */
  readonly isFlipped: boolean;
  /** Whether the number of matches is that of the whole query. */
  readonly isWhole: boolean;
}

type Field = 'with' | 'start' | 'end' | 'before-id' | 'after-id' | 'ids';
const fields: ReadonlySet<string> = new Set<Field>(['with', 'start', 'end', 'before-id', 'after-id', 'ids']);

/**
 * What an app wants to see [XEP-0313 §4].
 * @throws StanzaError `bad-request`; `feature-not-implemented` for what an archive here cannot look for
 */
export function readQuery(element: XmlElement, viewer: Viewer & { readonly staff: StaffId }): AskedPage {
  const queryId = element.attrs.queryid;
  if (element.attrs.node !== undefined) throw new StanzaError('cancel', 'item-not-found');
  const form = readForm(element.getChild('x', FORMS));
  const set = readSet(element.getChild('set', RESULT_SETS));
  const of = form.get('with');
  const [afterId, beforeId] = [idIn(form, 'after-id'), idIn(form, 'before-id')];
  const filter = {
    ...timeIn(form, 'start'),
    ...timeIn(form, 'end'),
    ...idsIn(form),
    ...orNothing('newerThan', afterId),
    ...orNothing('olderThan', beforeId),
    ...orNothing('after', set.after ?? bareAfter(element)),
    ...orNothing('before', set.before),
    ...(set.isLast && { fromEnd: true as const }),
    limit: set.limit,
  };
  const partner = of === undefined ? undefined : partnerAt(of[0] ?? '', viewer);
  return {
    query: partner === 'nobody' ? undefined : { ...filter, ...(partner !== undefined && { with: partner }) },
    queryId: queryId === undefined || queryId.length > LONGEST_ID ? undefined : queryId,
    isFlipped: element.getChild('flip-page', ARCHIVE) !== undefined,
    isWhole: afterId === undefined && beforeId === undefined,
  };
}

/** COMPAT(profanity, it asks for the next page so, also after the last one, and would get the first page once more) */
function bareAfter(element: XmlElement): string | undefined {
  return readId(element.getChildText('after', ARCHIVE) ?? undefined);
}

function orNothing<Key extends string>(key: Key, value: string | undefined): { readonly [_ in Key]?: string } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [_ in Key]: string });
}

function badRequest(): StanzaError {
  return new StanzaError('modify', 'bad-request');
}

type Values = ReadonlyMap<string, readonly string[]>;

function readForm(form: XmlElement | undefined): Values {
  const values = new Map<string, readonly string[]>();
  if (form === undefined) return values;
  if (form.attrs.type !== 'submit') throw badRequest();
  for (const field of form.getChildren('field', FORMS)) {
    const name = field.attrs.var ?? '';
    const given = field.getChildren('value', FORMS).map((value) => value.text());
    if (name === 'FORM_TYPE') {
      if (given[0] !== ARCHIVE) throw badRequest();
    } else if (!fields.has(name)) throw new StanzaError('cancel', 'feature-not-implemented');
    else if (values.has(name) || given.length === 0 || (name !== 'ids' && given.length > 1)) throw badRequest();
    else values.set(name, given);
  }
  return values;
}

function readId(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  // So long an id is none of ours, but no other either.
  if (text.length > LONGEST_ID) throw new StanzaError('cancel', 'item-not-found');
  return text;
}

function idIn(form: Values, name: Field): string | undefined {
  return readId(form.get(name)?.[0]);
}

function idsIn(form: Values): Pick<ArchiveQuery, 'ids'> {
  const ids = form.get('ids');
  if (ids === undefined) return {};
  if (ids.length > ARCHIVE_IDS)
    throw new StanzaError('modify', 'policy-violation', `At most ${ARCHIVE_IDS} ids at once.`);
  return { ids: ids.map((id) => readId(id) ?? '') };
}

/** [XEP-0082 §3.2] */
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/u;

function timeIn(form: Values, name: 'start' | 'end'): Pick<ArchiveQuery, 'start' | 'end'> {
  const text = form.get(name)?.[0];
  if (text === undefined || text === '') return {};
  const time = DATE_TIME.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) throw badRequest();
  return { [name]: time };
}

function partnerAt(
  text: string,
  viewer: Viewer & { readonly staff: StaffId },
): NonNullable<ArchiveQuery['with']> | 'nobody' {
  const jid = parseJid(text);
  if (jid === undefined) throw new StanzaError('modify', 'jid-malformed');
  const to = addresseeOf(jid.full, viewer);
  switch (to.is) {
    case 'visitor':
      return { is: 'chat', chat: chatAt(to.jid) };
    case 'colleague':
      return { is: 'staff', staff: staffAt(to.jid) };
    case 'account':
    case 'own-app':
      return { is: 'staff', staff: viewer.staff };
    case 'domain':
    case 'gateway':
    case 'visitors-domain':
    case 'stranger':
      return 'nobody';
  }
}

/** [XEP-0059 §2] */
function readSet(set: XmlElement | undefined): {
  readonly limit: number;
  readonly after?: string;
  readonly before?: string;
  readonly isLast: boolean;
} {
  if (set === undefined) return { limit: ARCHIVE_PAGE.entries, isLast: false };
  if (set.getChild('index', RESULT_SETS) !== undefined) throw new StanzaError('cancel', 'feature-not-implemented');
  const max = set.getChildText('max', RESULT_SETS)?.trim();
  if (max !== undefined && !/^\d{1,9}$/u.test(max)) throw badRequest();
  const before = set.getChildText('before', RESULT_SETS);
  return {
    limit: max === undefined ? ARCHIVE_PAGE.entries : Number(max),
    ...orNothing('after', readId(set.getChildText('after', RESULT_SETS) ?? undefined)),
    ...orNothing('before', readId(before ?? undefined)),
    isLast: before !== null,
  };
}
