import { StreamError } from '../stream-error.ts';
import { notWellFormed } from './character-data.ts';
import { STREAMS } from './namespaces.ts';
import type { Tag } from './tag.ts';

/** The start tag of a stream. */
export interface StreamHeader {
  readonly name: 'stream:stream';
  readonly namespace: typeof STREAMS;
  readonly contentNamespace: 'jabber:client';
  /** As written: `to`, `from`, `version`, `xml:lang`, `id`… Their values are not looked at. */
  readonly attrs: Readonly<Record<string, string>>;
}

const DECLARATION =
  /^<\?xml[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(['"])1\.0\1(?:[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*(['"])([A-Za-z][A-Za-z0-9._-]*)\2)?(?:[ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*(['"])(?:yes|no)\4)?[ \t\r\n]*\?>$/;

/** [XML 1.0 §2.8], [RFC6120 §11.5, §11.6] */
export function checkDeclaration(text: string): void {
  const match = DECLARATION.exec(text);
  if (match === null) throw notWellFormed('The XML declaration');
  const encoding = match[3];
  if (encoding !== undefined && encoding.toLowerCase() !== 'utf-8') throw new StreamError('unsupported-encoding');
}

/** [RFC6120 §4.8] */
export function streamHeader(tag: Tag): StreamHeader {
  const colon = tag.name.indexOf(':');
  const prefix = colon < 0 ? '' : tag.name.slice(0, colon);
  const namespace = tag.attrs[prefix === '' ? 'xmlns' : `xmlns:${prefix}`];
  if (prefix !== '' && typeof namespace !== 'string') throw new StreamError('bad-namespace-prefix');
  if (namespace !== STREAMS) throw new StreamError('invalid-namespace');
  if (tag.name.slice(colon + 1) !== 'stream') throw new StreamError('bad-format', 'No stream header');
  if (tag.name !== 'stream:stream') throw new StreamError('bad-namespace-prefix');
  if (tag.attrs['xmlns'] !== 'jabber:client') throw new StreamError('invalid-namespace');
  return { name: tag.name, namespace, contentNamespace: 'jabber:client', attrs: tag.attrs };
}
