import { Element as UntypedElement } from '@xmpp/xml';
import type { XmlElement } from '../element.ts';

interface MutableElement extends XmlElement {
  attrs: Record<string, string>;
  children: (XmlElement | string)[];
}

const Element = UntypedElement as new (name: string) => MutableElement;

/** An element as read from a stream: its namespaces are those that a namespace-aware peer sees. */
export class ParsedElement extends Element {
  constructor(name: string, attrs: Record<string, string>) {
    super(name);
    this.attrs = attrs;
  }

  /** Most elements have one child: an array that `push` makes has room for seventeen. */
  adopt(child: ParsedElement | string): void {
    if (this.children.length === 0) this.children = [child];
    else this.children.push(child);
    if (typeof child !== 'string') child.parent = this;
  }

  /** The library takes `xmlns=''` for no declaration, and would find the namespace of the parent. */
  findNS(prefix?: string): string | undefined {
    if (prefix === 'xml') return 'http://www.w3.org/XML/1998/namespace';
    return namespaceAt(this, prefix === undefined || prefix === '' ? 'xmlns' : `xmlns:${prefix}`);
  }
}

function namespaceAt(element: XmlElement, key: string): string | undefined {
  for (let at: XmlElement | null = element; at !== null; at = at.parent) {
    const namespace = at.attrs[key];
    if (typeof namespace === 'string') return namespace === '' ? undefined : namespace;
  }
  return undefined;
}
