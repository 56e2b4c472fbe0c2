import { type SaxesAttributeNS, SaxesParser, type SaxesTagNS } from 'saxes';

/** An element by expanded names, to compare readers by: attributes sorted, declarations left out, texts merged. */
export interface Expanded {
  readonly name: string;
  readonly attrs: readonly (readonly [name: string, value: string])[];
  readonly children: readonly (Expanded | string)[];
}

const STREAMS = 'http://etherx.jabber.org/streams';
const XMLNS = 'http://www.w3.org/2000/xmlns/';

/** First characters that XML allows in the middle of a name only. [XML §2.3] */
const NO_START = /^(?:[-.0-9\u00b7\u203f\u2040]|\p{M}|$)/u;

const BLANK = '(?:\\s|&#(?:9|10|13|32);)';
const inQuotes = (quote: string): string => `${quote}(?:${BLANK}[^${quote}]*|[^${quote}]*${BLANK})${quote}`;
/** A name of a namespace that is trimmed before it is looked at: `' '` is none then. */
const TRIMMED = new RegExp(`xmlns(?::[^\\s=]*)?\\s*=\\s*(?:${inQuotes("'")}|${inQuotes('"')})`, 'u');

interface Open {
  readonly name: string;
  readonly attrs: readonly (readonly [string, string])[];
  readonly children: (Expanded | string)[];
}

function attributes(tag: SaxesTagNS): readonly (readonly [string, string])[] {
  return Object.values(tag.attributes)
    .filter((attribute: SaxesAttributeNS) => attribute.uri !== XMLNS)
    .map((attribute): readonly [string, string] => [`{${attribute.uri}}${attribute.local}`, attribute.value])
    .sort((a, b) => (a[0] < b[0] ? -1 : 1));
}

/**
 * What a whole stream says, by another parser, with the rules of XMPP added to those of XML: the first-level elements,
 * or `undefined` where it must be refused. What that parser lets pass is refused here: declarations of XML 1.1 and
 * of other encodings, comments, processing instructions and document types, and names that no namespace can have.
 */
export function referenceRead(stream: Uint8Array): readonly Expanded[] | 'unsure' | undefined {
  let trimmed = false;
  const root: Open = { name: '', attrs: [], children: [] };
  const open: Open[] = [root];
  const parser = new SaxesParser({ xmlns: true, position: false });
  const refuse = (): never => {
    throw new Error('refused');
  };
  const text = (data: string): void => {
    const children = open.at(-1)?.children ?? refuse();
    if (open.length <= 2 && /[^ \t\r\n]/.test(data)) refuse();
    if (data === '' || open.length <= 2) return;
    const last = children.at(-1);
    if (typeof last === 'string') children[children.length - 1] = last + data;
    else children.push(data);
  };
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('comment', refuse);
  parser.on('processinginstruction', refuse);
  parser.on('doctype', refuse);
  parser.on('text', text);
  parser.on('cdata', (data) => {
    if (open.length <= 2) refuse();
    text(data);
  });
  parser.on('opentag', (tag) => {
    // it looks at the first character of a whole name, not of the part behind a colon [Namespaces in XML §7]
    if ([tag, ...Object.values(tag.attributes)].some(({ local }) => NO_START.test(local))) refuse();
    if (open.length === 2 && (tag.uri === '' || tag.uri === 'jabber:server')) refuse();
    // it trims names of namespaces, which nothing in XML asks for
    if (Object.values(tag.attributes).some(({ uri, value }) => uri === XMLNS && value.trim() !== value)) trimmed = true;
    if (open.length > 1 && tag.uri === STREAMS && tag.local === 'stream') refuse();
    open.push({ name: `{${tag.uri}}${tag.local}`, attrs: attributes(tag), children: [] });
  });
  parser.on('closetag', () => {
    const element = open.pop() ?? refuse();
    open.at(-1)?.children.push(element);
  });
  try {
    parser.write(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(stream)).close();
  } catch {
    return trimmed || TRIMMED.test(Buffer.from(stream).toString()) ? 'unsure' : undefined;
  }
  if (trimmed) return 'unsure';
  const header = root.children[0];
  return typeof header === 'object' ? (header.children as Expanded[]) : undefined;
}
