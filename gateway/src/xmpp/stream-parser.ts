import { isAscii, isUtf8 } from 'node:buffer';
import type { XmlElement } from './element.ts';
import type { ParserLimits } from './limits.ts';
import { characterData, notWellFormed, sectionData } from './parser/character-data.ts';
import { BEYOND_ASCII, NAME } from './parser/characters.ts';
import { Namespaces, STREAMS, checkDefault } from './parser/namespaces.ts';
import { OctetQueue, type Octets, joined, octetsOf, part } from './parser/octets.ts';
import { ParsedElement } from './parser/parsed-element.ts';
import { type StreamHeader, checkDeclaration, streamHeader } from './parser/prolog.ts';
import { Scanner, type TokenKind } from './parser/scanner.ts';
import { type Tag, readTag } from './parser/tag.ts';
import { incompleteAt, invalidAt } from './parser/utf8.ts';
import { StreamError } from './stream-error.ts';

export type { StreamHeader } from './parser/prolog.ts';

/** Told in the order of the stream. Each may call `stop`, `restart`, `hold` and `setLimits` of its parser. */
export interface ParserHandler {
  header(header: StreamHeader): void;
  /**
   * A first-level element: without a parent and with its `xmlns` always written out, so that it means the same inside
   * of another element. `bytes` is its length on the wire. `'hold'`: nothing more is parsed until `release` or `restart`.
   */
  element(element: XmlElement, bytes: number): void | 'hold';
  /** `</stream:stream>`: what comes after it is ignored. */
  end(): void;
}

/** Where the stream is: before anything, the same after a restart, before the header, after it, after its end. */
type Phase = 'start' | 'restarted' | 'prolog' | 'open' | 'ended';
type State = 'running' | 'held' | 'stopped';

const LESS_THAN = 0x3c;
const GREATER_THAN = 0x3e;
const SLASH = 0x2f;
const NOTHING = Buffer.alloc(0);

/**
 * Reads an XMPP stream strictly: what is not well-formed, or is XML that XMPP forbids, is a {@link StreamError}, however
 * the octets are cut into chunks. Time is linear in the octets; memory is bounded by the limits.
 */
export class StreamParser {
  readonly #handler: ParserHandler;
  #limits: ParserLimits;
  #state: State = 'running';
  #phase: Phase = 'start';
  /** The element that is open at the end of what was parsed. */
  #current: ParsedElement | undefined;
  /** The first-level element that is open. */
  #top: ParsedElement | undefined;
  #depth = 0;
  /** Octets of complete tokens, and elements, since the last boundary between first-level elements. */
  #bytes = 0;
  #elements = 0;
  /** Made when a prefix is first used. */
  #namespaces: Namespaces | undefined;
  readonly #scanner = new Scanner();
  /** The beginning of a token whose end has not come. */
  #pending: OctetQueue | undefined;
  /** The beginning of a character whose end has not come. */
  #tail: Uint8Array | undefined;
  /** What came while held. */
  #kept: OctetQueue | undefined;
  #parsing = false;
  #discarding = false;

  constructor(handler: ParserHandler, limits: ParserLimits) {
    this.#handler = handler;
    this.#limits = limits;
  }

  /** Parses what is complete. Throws a {@link StreamError} once; after it, everything is ignored. */
  write(chunk: Uint8Array): void {
    if (this.#state === 'stopped') return;
    if (this.#state === 'held' || this.#parsing) this.#keep(chunk);
    else this.#consume(octetsOf(chunk));
  }

  /** Parses nothing more until {@link release} or {@link restart}; what comes until then is kept, within the limits. */
  hold(): void {
    if (this.#state === 'running') this.#state = 'held';
  }

  /** Goes on after a hold, with what was kept: throws as {@link write} does. */
  release(): void {
    if (this.#state !== 'held') return;
    this.#state = 'running';
    if (!this.#parsing) this.#consume(octetsOf(NOTHING));
  }

  /** Ignores everything from here on, the rest of the current chunk too. */
  stop(): void {
    this.#state = 'stopped';
    this.#discarding = true;
    this.#forget();
  }

  /**
   * Expects a new stream header. What was kept, and the rest of the current chunk, belong to the new stream and are
   * parsed at once (throws as {@link write} does), unless they are to be discarded. Also goes on after {@link stop}.
   */
  restart(limits: ParserLimits = this.#limits, rest: 'keep' | 'discard' = 'keep'): void {
    this.#limits = limits;
    const kept = rest === 'keep' ? this.#kept : undefined;
    const tail = rest === 'keep' ? this.#tail : undefined;
    if (rest === 'discard') this.#discarding = true;
    this.#forget();
    this.#kept = kept;
    this.#tail = tail;
    this.#phase = 'restarted';
    this.#state = 'running';
    if (!this.#parsing) this.#consume(octetsOf(NOTHING));
  }

  /** From the next token on. */
  setLimits(limits: ParserLimits): void {
    this.#limits = limits;
  }

  #forget(): void {
    this.#current = undefined;
    this.#top = undefined;
    this.#depth = 0;
    this.#bytes = 0;
    this.#elements = 0;
    this.#namespaces = undefined;
    this.#scanner.begin('none');
    this.#pending = undefined;
    this.#tail = undefined;
    this.#kept = undefined;
  }

  #keep(octets: Uint8Array): void {
    this.#kept ??= new OctetQueue();
    if (this.#kept.length + octets.length > this.#limits.elementBytes) {
      this.stop();
      throw new StreamError('policy-violation', 'Too much before the answer');
    }
    this.#kept.append(octets);
  }

  #consume(chunk: Octets): void {
    this.#parsing = true;
    this.#discarding = false;
    try {
      let octets = chunk;
      for (;;) {
        const rest = this.#parse(octets);
        if (this.#state === 'stopped') return;
        const kept = this.#kept?.taken();
        this.#kept = undefined;
        octets = kept === undefined ? rest : rest.length === 0 ? kept : joined(rest, kept);
        if (this.#state === 'held') {
          if (octets.length > 0) this.#keep(octets);
          return;
        }
        if (octets.length === 0) return;
      }
    } catch (error) {
      this.stop();
      throw error;
    } finally {
      this.#parsing = false;
    }
  }

  /** Parses the chunk after what is left of the one before; gives back what is not to be parsed now. */
  #parse(chunk: Octets): Octets {
    let octets = chunk;
    if (this.#tail !== undefined || this.#scanner.kind === 'lead') {
      const lead = this.#scanner.kind === 'lead' ? (this.#pending?.taken() ?? NOTHING) : NOTHING;
      octets = joined(lead, this.#tail ?? NOTHING, chunk);
      if (this.#scanner.kind === 'lead') {
        this.#pending = undefined;
        this.#scanner.begin('none');
      }
      this.#tail = undefined;
    }
    let end = octets.length;
    let valid = true;
    if (!isAscii(octets)) {
      end = incompleteAt(octets);
      if (!isUtf8(octets.subarray(0, end))) {
        valid = false;
        end = invalidAt(octets.subarray(0, end));
      }
    }
    const text = octets.latin1Slice(0, end);
    let at = 0;
    while (at < end && this.#state === 'running') {
      at = this.#scanner.kind === 'none' ? this.#token(text, octets, at, end) : this.#goOn(text, octets, at, end);
      if (this.#discarding) {
        this.#discarding = false;
        return octetsOf(NOTHING);
      }
    }
    if (this.#state === 'held') return octetsOf(octets.subarray(at));
    if (this.#state === 'stopped') return octetsOf(NOTHING);
    if (!valid) throw this.#noText(octets[end] ?? 0, end === 0 && this.#scanner.kind === 'none');
    if (end < octets.length) this.#tail = Buffer.from(octets.subarray(end));
    return octetsOf(NOTHING);
  }

  /** [RFC6120 §11.6]: a byte order mark of UTF-16, or half a character of it, at the very start. */
  #noText(octet: number, first: boolean): StreamError {
    const other = octet === 0 || octet >= 0xfe;
    if (first && other && this.#phase === 'start') return new StreamError('unsupported-encoding');
    return notWellFormed(octet < 0x80 ? 'A character that XML forbids' : 'Octets that are no UTF-8');
  }

  /** The octets that a token of this kind may have yet. */
  #room(kind: TokenKind): number {
    const left = this.#limits.elementBytes - this.#bytes;
    return kind === 'start-tag' || kind === 'end-tag' ? Math.min(left, this.#limits.tagBytes) : left;
  }

  /** Begins the token at `at`, and handles it if it is complete; gives back where to go on. */
  #token(text: string, octets: Octets, at: number, end: number): number {
    const markup = octets[at] === LESS_THAN;
    if (!markup && this.#current === undefined) return this.#spaces(text, at, end);
    if (markup) {
      const next = this.#shortcut(text, octets, at, end);
      if (next > 0) return next;
    }
    const kind = markup ? this.#kindAt(text, at, end) : 'text';
    this.#scanner.begin(kind);
    const to = Math.min(end, at + this.#room(kind));
    const close = this.#scanner.end(octets, markup ? at + 1 : at, to);
    if (close >= 0) {
      this.#handle(text, octets, at, close);
      return close;
    }
    if (to < end) throw tooLong();
    this.#pending = new OctetQueue();
    this.#pending.append(octets.subarray(at, end));
    return end;
  }

  /**
   * Handles the tag at `at` if it is complete and ordinary, without looking for its end first: 0 where it is not. What
   * is wrong is left to the ordinary way, so that it is the same error however the octets are cut.
   */
  #shortcut(text: string, octets: Octets, at: number, end: number): number {
    const first = octets[at + 1] ?? 0;
    if (first === SLASH) {
      const name = this.#current?.name ?? '';
      const close = at + 2 + name.length;
      if (name === '' || close >= end || octets[close] !== GREATER_THAN || close - at >= this.#room('end-tag'))
        return 0;
      for (let n = 0; n < name.length; n++) {
        const octet = octets[at + 2 + n] ?? 0;
        if (octet >= 0x80 || octet !== name.charCodeAt(n)) return 0;
      }
      this.#bytes += close + 1 - at;
      this.#close();
      return close + 1;
    }
    if (NAME[first] !== 1) return 0;
    const close = text.indexOf('>', at) + 1;
    if (close === 0 || close - at > this.#room('start-tag')) return 0;
    const tag = attempt(text, octets, at, close, this.#limits.attributes);
    if (tag === undefined) return 0;
    this.#bytes += close - at;
    this.#startTag(tag);
    return close;
  }

  /** Goes on with the token whose beginning is pending. */
  #goOn(text: string, octets: Octets, at: number, end: number): number {
    const pending = (this.#pending ??= new OctetQueue());
    const to = Math.min(end, at + this.#room(this.#scanner.kind) - pending.length);
    const close = this.#scanner.end(octets, at, to);
    pending.append(octets.subarray(at, close < 0 ? to : close));
    if (close >= 0) {
      this.#pending = undefined;
      const token = pending.taken();
      this.#handle(token.latin1Slice(0, token.length), token, 0, token.length);
      return close;
    }
    if (to < end) throw tooLong();
    return end;
  }

  /** White space between elements costs nothing; any other text there is an error. */
  #spaces(text: string, from: number, end: number): number {
    let at = from;
    for (; at < end; at++) {
      const code = text.charCodeAt(at);
      if (code === LESS_THAN) break;
      if (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) continue;
      if (code < 0x20) throw this.#noText(code, at === 0);
      throw this.#phase === 'open' ? new StreamError('bad-format', 'Text between stanzas') : notWellFormed();
    }
    if (this.#phase === 'start') this.#phase = 'prolog';
    return at;
  }

  /** What begins with the `<` at `at`. [RFC6120 §11.1] */
  #kindAt(text: string, at: number, end: number): TokenKind {
    if (at + 1 >= end) return 'lead';
    switch (text[at + 1]) {
      case '/':
        return 'end-tag';
      case '?':
        return this.#declarationAt(text, at, end);
      case '!':
        if (at + 2 >= end) return 'lead';
        if (text[at + 2] === '[') return this.#sectionAt(text, at, end);
        if (text[at + 2] === '-' && at + 3 >= end) return 'lead';
        if (/^<!(?:--|[A-Z])/.test(text.slice(at, at + 4))) throw new StreamError('restricted-xml');
        throw notWellFormed();
      case '\0':
        throw this.#noText(0, true);
      default:
        return 'start-tag';
    }
  }

  #declarationAt(text: string, at: number, end: number): TokenKind {
    const target = text.slice(at + 2, Math.min(at + 6, end));
    if (target.length < 4 && 'xml'.startsWith(target)) return 'lead';
    if (!/^xml[ \t\r\n?]/.test(target)) throw new StreamError('restricted-xml');
    if (this.#phase === 'start' || this.#phase === 'restarted') return 'declaration';
    throw notWellFormed('An XML declaration that is not at the start');
  }

  #sectionAt(text: string, at: number, end: number): TokenKind {
    const opening = text.slice(at, Math.min(at + 9, end));
    if (!'<![CDATA['.startsWith(opening)) throw notWellFormed();
    if (opening.length < 9) return 'lead';
    if (this.#current === undefined) throw new StreamError('bad-format', 'Text between stanzas');
    return 'section';
  }

  #handle(text: string, octets: Octets, from: number, to: number): void {
    const { kind, classes } = this.#scanner;
    this.#scanner.begin('none');
    this.#bytes += to - from;
    switch (kind) {
      case 'text':
        this.#text(characterData(decoded(text, octets, from, to, classes), classes));
        break;
      case 'section':
        this.#text(sectionData(decoded(text, octets, from + 9, to - 3, classes), classes));
        break;
      case 'start-tag':
        this.#startTag(readTag(text, octets, from, to, this.#limits.attributes) ?? noTag());
        break;
      case 'end-tag':
        this.#endTag(endTagName(text, octets, from, to));
        break;
      case 'declaration':
        checkDeclaration(text.slice(from, to));
        this.#phase = 'prolog';
        break;
      case 'none':
      case 'lead':
    }
  }

  #text(text: string): void {
    const current = this.#current;
    if (current === undefined || text === '') return;
    const last = current.children.length - 1;
    const before = current.children[last];
    if (typeof before === 'string') current.children[last] = before + text;
    else current.adopt(text);
  }

  #startTag(tag: Tag): void {
    checkDefault(tag.attrs['xmlns']);
    if (this.#phase !== 'open') {
      this.#header(tag);
      return;
    }
    this.#open(tag);
    if (tag.empty) this.#close();
  }

  #header(tag: Tag): void {
    const header = streamHeader(tag);
    if (tag.prefixed) {
      const namespaces = new Namespaces();
      namespaces.declare(tag.attrs, 0);
      namespaces.resolve(tag, {});
      // the prefix of the stream itself is known without a map
      if (Object.keys(tag.attrs).some((key) => key.startsWith('xmlns:') && key !== 'xmlns:stream'))
        this.#namespaces = namespaces;
    }
    this.#phase = 'open';
    this.#bytes = 0;
    this.#handler.header(header);
    if (tag.empty && this.#state !== 'stopped') this.#end();
  }

  #open(tag: Tag): void {
    const parent = this.#current;
    const depth = this.#depth + 1;
    if (depth > this.#limits.depth) throw new StreamError('policy-violation', 'Too many levels of elements');
    if (++this.#elements > this.#limits.elements) throw new StreamError('policy-violation', 'Too many elements');
    const element = new ParsedElement(tag.name, tag.attrs);
    if (parent === undefined) {
      element.attrs['xmlns'] ??= 'jabber:client';
      this.#top = element;
    } else this.#adopt(parent, element);
    this.#current = element;
    this.#depth = depth;
    if (tag.prefixed) {
      this.#namespaces ??= new Namespaces();
      this.#namespaces.declare(tag.attrs, depth);
      this.#namespaces.resolve(tag, (this.#top ?? element).attrs);
    }
    if (tag.name.endsWith('stream') && element.is('stream', STREAMS))
      throw new StreamError('invalid-xml', 'A stream header inside of the stream');
    if (parent === undefined) checkContent(element);
  }

  #adopt(parent: ParsedElement, element: ParsedElement): void {
    const { children: most } = this.#limits;
    if (parent.children.length >= most && parent.getChildElements().length >= most)
      throw new StreamError('policy-violation', 'Too many children');
    parent.adopt(element);
  }

  #endTag(name: string): void {
    if (this.#current === undefined) {
      if (this.#phase !== 'open' || name !== 'stream:stream') throw notWellFormed('An end tag without a start tag');
      this.#end();
      return;
    }
    if (name !== this.#current.name) throw notWellFormed('An end tag that does not match');
    this.#close();
  }

  #end(): void {
    this.stop();
    this.#phase = 'ended';
    this.#handler.end();
  }

  #close(): void {
    const element = this.#current;
    if (element === undefined) return;
    if (this.#namespaces?.leave(this.#depth) === 'empty') this.#namespaces = undefined;
    this.#depth--;
    this.#current = element.parent instanceof ParsedElement ? element.parent : undefined;
    if (this.#current !== undefined) return;
    const bytes = this.#bytes;
    this.#top = undefined;
    this.#bytes = 0;
    this.#elements = 0;
    if (this.#handler.element(element, bytes) === 'hold') this.hold();
  }
}

function attempt(text: string, octets: Octets, from: number, to: number, most: number): Tag | undefined {
  try {
    return readTag(text, octets, from, to, most);
  } catch {
    return undefined;
  }
}

function noTag(): never {
  throw notWellFormed('A value without an end');
}

function tooLong(): StreamError {
  return new StreamError('policy-violation', 'Too long');
}

function decoded(text: string, octets: Octets, from: number, to: number, classes: number): string {
  return (classes & BEYOND_ASCII) === 0 ? part(text, octets, from, to) : octets.utf8Slice(from, to);
}

function endTagName(text: string, octets: Octets, from: number, to: number): string {
  let end = to - 1;
  while (end > from && ' \t\r\n'.includes(text.charAt(end - 1))) end--;
  return octets.utf8Slice(from + 2, end);
}

/** [RFC6120 §4.8.3]: the namespace of another kind of stream, or none. */
function checkContent(element: ParsedElement): void {
  const namespace = element.getNS();
  if (namespace === undefined || namespace === 'jabber:server') throw new StreamError('invalid-namespace');
}
