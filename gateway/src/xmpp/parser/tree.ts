import type { XmlElement } from '../element.ts';
import type { ParserLimits } from '../limits.ts';
import { StreamError } from '../stream-error.ts';
import { notWellFormed } from './character-data.ts';
import { Namespaces, STREAMS } from './namespaces.ts';
import { ParsedElement } from './parsed-element.ts';
import type { Tag } from './tag.ts';

/** The first-level element that is being read, within its limits. */
export class Tree {
  /** The innermost element that is open. */
  current: ParsedElement | undefined;
  #top: ParsedElement | undefined;
  #depth = 0;
  #elements = 0;
  /** Made when a prefix is first used. */
  #namespaces: Namespaces | undefined;

  /** Takes over the prefixes that the stream header declares. */
  begin(header: Tag): void {
    if (!header.prefixed) return;
    const namespaces = new Namespaces();
    namespaces.declare(header.attrs, 0);
    namespaces.resolve(header, {});
    // the prefix of the stream itself is known without a map
    if (Object.keys(header.attrs).some((key) => key.startsWith('xmlns:') && key !== 'xmlns:stream'))
      this.#namespaces = namespaces;
  }

  open(tag: Tag, limits: ParserLimits): void {
    const parent = this.current;
    const depth = this.#depth + 1;
    if (depth > limits.depth) throw new StreamError('policy-violation', 'Too many levels of elements');
    if (++this.#elements > limits.elements) throw new StreamError('policy-violation', 'Too many elements');
    const element = new ParsedElement(tag.name, tag.attrs);
    if (parent === undefined) {
      element.attrs['xmlns'] ??= 'jabber:client';
      this.#top = element;
    } else {
      const most = limits.children;
      if (parent.children.length >= most && parent.getChildElements().length >= most)
        throw new StreamError('policy-violation', 'Too many children');
      parent.adopt(element);
    }
    this.current = element;
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

  text(text: string): void {
    const { current } = this;
    if (current === undefined || text === '') return;
    const last = current.children.length - 1;
    const before = current.children[last];
    if (typeof before === 'string') current.children[last] = before + text;
    else current.adopt(text);
  }

  /** Closes the innermost element; gives it back if it is the first-level one. */
  close(): ParsedElement | undefined {
    const element = this.current;
    if (element === undefined) throw notWellFormed('An end tag without a start tag');
    if (this.#namespaces?.leave(this.#depth) === 'empty') this.#namespaces = undefined;
    this.#depth--;
    this.current = element.parent instanceof ParsedElement ? element.parent : undefined;
    if (this.current !== undefined) return undefined;
    this.#top = undefined;
    this.#elements = 0;
    return element;
  }
}

/** [RFC6120 §4.8.3]: the namespace of another kind of stream, or none. */
function checkContent(element: XmlElement): void {
  const namespace = element.getNS();
  if (namespace === undefined || namespace === 'jabber:server') throw new StreamError('invalid-namespace');
}
