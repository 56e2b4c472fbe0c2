import { isAscii, isUtf8 } from 'node:buffer';
import type { XmlElement } from './element.ts';
import type { ParserLimits } from './limits.ts';
import { characterData, notWellFormed, sectionData } from './parser/character-data.ts';
import { BEYOND_ASCII, NAME } from './parser/characters.ts';
import { type Place, markupAt, noText, textBetween } from './parser/markup.ts';
import { checkDefault } from './parser/namespaces.ts';
import { OctetQueue, type Octets, joined, octetsOf, part } from './parser/octets.ts';
import { type StreamHeader, checkDeclaration, streamHeader } from './parser/prolog.ts';
import { Scanner, type TokenKind } from './parser/scanner.ts';
import { type Tag, readTag } from './parser/tag.ts';
import { Tree } from './parser/tree.ts';
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
  #tree = new Tree();
  /** Octets of complete tokens since the last boundary between first-level elements. */
  #bytes = 0;
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
    this.#tree = new Tree();
    this.#bytes = 0;
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
    if (!valid) throw noText(octets[end] ?? 0, end === 0 && this.#phase === 'start' && this.#scanner.kind === 'none');
    if (end < octets.length) this.#tail = Buffer.from(octets.subarray(end));
    return octetsOf(NOTHING);
  }

  get #place(): Place {
    if (this.#tree.current !== undefined) return 'inside';
    return this.#phase === 'start' || this.#phase === 'restarted' ? 'start' : 'between';
  }

  /** The octets that a token of this kind may have yet. */
  #room(kind: TokenKind): number {
    const left = this.#limits.elementBytes - this.#bytes;
    return kind === 'start-tag' || kind === 'end-tag' ? Math.min(left, this.#limits.tagBytes) : left;
  }

  /** Begins the token at `at`, and handles it if it is complete; gives back where to go on. */
  #token(text: string, octets: Octets, at: number, end: number): number {
    const markup = octets[at] === LESS_THAN;
    if (!markup && this.#tree.current === undefined) return this.#spaces(text, at, end);
    if (markup) {
      const next = this.#shortcut(text, octets, at, end);
      if (next > 0) return next;
    }
    const kind = markup ? markupAt(text, at, end, this.#place) : 'text';
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
      const name = this.#tree.current?.name ?? '';
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
      if (code < 0x20) throw noText(code, at === 0 && this.#phase === 'start');
      throw this.#phase === 'open' ? textBetween() : notWellFormed('Text before the stream header');
    }
    if (this.#phase === 'start') this.#phase = 'prolog';
    return at;
  }

  #handle(text: string, octets: Octets, from: number, to: number): void {
    const { kind, classes } = this.#scanner;
    this.#scanner.begin('none');
    this.#bytes += to - from;
    switch (kind) {
      case 'text':
        this.#tree.text(characterData(decoded(text, octets, from, to, classes), classes));
        break;
      case 'section':
        this.#tree.text(sectionData(decoded(text, octets, from + 9, to - 3, classes), classes));
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

  #startTag(tag: Tag): void {
    checkDefault(tag.attrs['xmlns']);
    if (this.#phase !== 'open') {
      this.#header(tag);
      return;
    }
    this.#tree.open(tag, this.#limits);
    if (tag.empty) this.#close();
  }

  #header(tag: Tag): void {
    const header = streamHeader(tag);
    this.#tree.begin(tag);
    this.#phase = 'open';
    this.#bytes = 0;
    this.#handler.header(header);
    if (tag.empty && this.#state !== 'stopped') this.#end();
  }

  #endTag(name: string): void {
    if (this.#tree.current === undefined) {
      if (this.#phase !== 'open' || name !== 'stream:stream') throw notWellFormed('An end tag without a start tag');
      this.#end();
      return;
    }
    if (name !== this.#tree.current.name) throw notWellFormed('An end tag that does not match');
    this.#close();
  }

  #end(): void {
    this.stop();
    this.#phase = 'ended';
    this.#handler.end();
  }

  #close(): void {
    const element = this.#tree.close();
    if (element === undefined) return;
    const bytes = this.#bytes;
    this.#bytes = 0;
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
