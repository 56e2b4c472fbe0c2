/** The first exchange of every stream: what the app's header may say, and what ours answers. [RFC6120 §4.7] */
import { StreamError } from '../xmpp/stream-error.ts';
import { canonicalDomain } from '../xmpp/jid.ts';
import { escapeAttribute } from '../xmpp/serialize.ts';

/** Attributes of the app's header. */
export type HeaderAttributes = Readonly<Record<string, string | undefined>>;

const VERSION = /^(\d{1,9})\.(\d{1,9})$/u;

/** The canonical domain that the app wants, or why there is no stream. */
export function readHeader(attributes: HeaderAttributes): { readonly to: string } | StreamError {
  const version = VERSION.exec(attributes['version'] ?? '');
  // a higher version gets ours [RFC6120 §4.7.5]
  if (version === null || Number(version[1]) < 1) return new StreamError('unsupported-version');
  const to = attributes['to'] ?? '';
  if (to === '') return new StreamError('improper-addressing');
  const domain = canonicalDomain(to);
  return domain === undefined ? unknownHost() : { to: domain };
}

/** One answer for a tenant that never was, one that is suspended, and one whose certificate is another's. */
export function unknownHost(): StreamError {
  return new StreamError('host-unknown', 'This address is not served here.');
}

/** The declaration and header with which we open a stream. */
export function headerText(fields: { readonly id: string; readonly from: string; readonly to?: string }): string {
  const to = fields.to === undefined ? '' : ` to='${escapeAttribute(fields.to)}'`;
  return (
    `<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'` +
    ` id='${fields.id}' from='${escapeAttribute(fields.from)}'${to} version='1.0' xml:lang='en'>`
  );
}
