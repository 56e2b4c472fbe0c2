import { Element, type XmlElement } from '../element.ts';

/** An element as read from a stream: its namespaces are those that a namespace-aware peer sees. */
export class ParsedElement extends Element {
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
