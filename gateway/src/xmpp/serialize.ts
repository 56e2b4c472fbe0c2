import type { XmlElement } from './element.ts';

const STREAMS = 'http://etherx.jabber.org/streams';
/** Stands for a prefix that nothing declares: the stream must stay well-formed whatever we are given. */
const UNKNOWN_PREFIX = 'urn:xmpp:unknown-prefix';
/** Declared by XML itself, or by the header of every stream. */
const KNOWN_PREFIXES: readonly string[] = ['xml', 'xmlns', 'stream'];

const NAMED = new Map<number, string>([
  [0x26, '&amp;'],
  [0x3c, '&lt;'],
  [0x3e, '&gt;'],
]);
const NAMED_IN_ATTRIBUTE = new Map<number, string>([
  ...NAMED,
  [0x27, '&apos;'],
  [0x22, '&quot;'],
  [0x09, '&#x9;'],
  [0x0a, '&#xA;'],
]);

/**
 * What a code unit becomes: `undefined` stays as it is. A carriage return is written as a reference, as a parser
 * would read a line feed. [XML 1.0 §2.2, §2.11]
 */
function replacement(text: string, at: number, code: number, named: ReadonlyMap<number, string>): string | undefined {
  if (code < 0x20 || (code > 0x21 && code < 0x3f)) {
    const name = named.get(code);
    if (name !== undefined) return name;
    if (code >= 0x20 || code === 0x09 || code === 0x0a) return undefined;
    return code === 0x0d ? '&#xD;' : '\ufffd';
  }
  if (code < 0xd800) return undefined;
  if (code <= 0xdbff) return isLow(text.charCodeAt(at + 1)) ? undefined : '\ufffd';
  if (code <= 0xdfff) return isHigh(text.charCodeAt(at - 1)) ? undefined : '\ufffd';
  return code >= 0xfffe ? '\ufffd' : undefined;
}

const isLow = (code: number): boolean => code >= 0xdc00 && code <= 0xdfff;
const isHigh = (code: number): boolean => code >= 0xd800 && code <= 0xdbff;

function escaped(text: string, named: ReadonlyMap<number, string>): string {
  let out = '';
  let kept = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 0x3e && code < 0xd800) continue;
    const instead = replacement(text, at, code, named);
    if (instead === undefined) continue;
    out += text.slice(kept, at) + instead;
    kept = at + 1;
  }
  return kept === 0 ? text : out + text.slice(kept);
}

/** What one of the two tables, or XML, has something against: the engine looks faster than a loop of ours. */
const IN_TEXT = /[\0-\x08\x0b-\x1f&<>\ud800-\udfff\ufffe\uffff]/;
const IN_ATTRIBUTE = /[\0-\x1f&<>'"\ud800-\udfff\ufffe\uffff]/;

export const escapeText = (text: string): string => (IN_TEXT.test(text) ? escaped(text, NAMED) : text);
/** For a value in quotes of either kind. */
export const escapeAttribute = (value: string): string =>
  IN_ATTRIBUTE.test(value) ? escaped(value, NAMED_IN_ATTRIBUTE) : value;

function prefixOf(name: string): string {
  const colon = name.indexOf(':');
  return colon < 0 ? '' : name.slice(0, colon);
}

/** The namespace that a prefix has where the element stands, outside of what is being written. */
function declared(element: XmlElement, prefix: string): string {
  for (let at = element.parent; at !== null; at = at.parent) {
    const namespace = at.attrs[`xmlns:${prefix}`];
    if (typeof namespace === 'string' && namespace !== '') return namespace;
  }
  return prefix === 'stream' ? STREAMS : `${UNKNOWN_PREFIX}:${prefix}`;
}

function write(element: XmlElement, defaultNamespace: string, outer: readonly string[]): string {
  const { name, attrs, children } = element;
  let namespace = defaultNamespace;
  let out = `<${name}`;
  let used: string[] | undefined;
  let prefixes = outer;
  const prefix = prefixOf(name);
  if (prefix !== '') used = [prefix];
  for (const key in attrs) {
    const value = attrs[key];
    if (value === undefined) continue;
    if (key === 'xmlns') {
      if (value === defaultNamespace) continue;
      namespace = value;
    } else if (key.startsWith('xmlns:')) {
      prefixes = [...prefixes, key.slice(6)];
    } else if (key.includes(':')) {
      (used ??= []).push(prefixOf(key));
    }
    out += ` ${key}='${escapeAttribute(value)}'`;
  }
  if (used !== undefined) {
    for (const wanted of used) {
      if (prefixes.includes(wanted)) continue;
      out += ` xmlns:${wanted}='${escapeAttribute(declared(element, wanted))}'`;
      prefixes = [...prefixes, wanted];
    }
  }
  if (children.length === 0) return `${out}/>`;
  out += '>';
  for (const child of children)
    out += typeof child === 'string' ? escapeText(child) : write(child, namespace, prefixes);
  return `${out}</${name}>`;
}

/**
 * Writes an element for a stream whose content namespace is `defaultNamespace` and whose header declares the prefix
 * `stream`. An `xmlns` that is in force already is left out; what XML 1.0 forbids becomes U+FFFD.
 */
export function serialize(element: XmlElement, defaultNamespace = 'jabber:client'): string {
  return write(element, defaultNamespace, KNOWN_PREFIXES);
}
