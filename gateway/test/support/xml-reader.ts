/**
 * The apps' side of a stream, read with another strict parser than the product's: whatever the gateway
 * writes must be well-formed to a stranger, too.
 */
import { SaxesParser } from 'saxes';
import { type XmlElement, xml } from '../../src/xmpp/element.ts';

export interface ReaderEvents {
  readonly header: (attrs: Record<string, string>) => void;
  readonly element: (element: XmlElement) => void;
  readonly end: () => void;
}

export class XmlReader {
  readonly #events: ReaderEvents;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  #parser: SaxesParser<{ xmlns: true }>;
  #open: XmlElement[] = [];
  #depth = 0;

  constructor(events: ReaderEvents) {
    this.#events = events;
    this.#parser = this.#fresh();
  }

  /** A new stream begins: after STARTTLS and after SASL success. */
  restart(): void {
    this.#parser = this.#fresh();
  }

  write(bytes: Uint8Array): void {
    const parser = this.#parser;
    parser.write(this.#decoder.decode(bytes, { stream: true }));
  }

  #fresh(): SaxesParser<{ xmlns: true }> {
    const parser = new SaxesParser({ xmlns: true });
    this.#open = [];
    this.#depth = 0;
    parser.on('error', (error) => {
      throw error;
    });
    parser.on('opentag', (tag) => {
      this.#depth++;
      const attrs = Object.fromEntries(Object.values(tag.attributes).map(({ name, value }) => [name, value]));
      if (this.#depth === 1) {
        this.#events.header(attrs);
        return;
      }
      const element = xml(tag.name, attrs);
      // the namespace in force stays with the element when it is taken out of the stream
      if (element.attrs['xmlns'] === undefined && tag.prefix === '') element.attrs['xmlns'] = tag.uri;
      if (tag.prefix !== '') element.attrs[`xmlns:${tag.prefix}`] = tag.uri;
      this.#open.at(-1)?.append(element);
      this.#open.push(element);
    });
    parser.on('text', (text) => {
      this.#open.at(-1)?.append(text);
    });
    parser.on('cdata', (text) => {
      this.#open.at(-1)?.append(text);
    });
    parser.on('closetag', () => {
      this.#depth--;
      if (this.#depth === 0) {
        this.#events.end();
        return;
      }
      const element = this.#open.pop();
      if (this.#depth === 1 && element !== undefined) this.#events.element(element);
    });
    return parser;
  }
}

/** Reads one element from text; the stream's namespaces are in force. */
export function parseXml(text: string): XmlElement {
  let read: XmlElement | undefined;
  const reader = new XmlReader({
    header: () => undefined,
    end: () => undefined,
    element: (element) => {
      read = element;
    },
  });
  const root = "<s xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
  reader.write(Buffer.from(`${root}${text.trim()}</s>`));
  if (read === undefined) throw new Error(`no element in ${text}`);
  return read;
}
