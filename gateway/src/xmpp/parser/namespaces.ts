import { StreamError } from '../stream-error.ts';
import { notWellFormed } from './character-data.ts';
import type { Tag } from './tag.ts';

export const STREAMS = 'http://etherx.jabber.org/streams';
const XML = 'http://www.w3.org/XML/1998/namespace';
const XMLNS = 'http://www.w3.org/2000/xmlns/';

interface Binding {
  readonly prefix: string;
  readonly namespace: string;
  /** Of the element that declares it; 0 is the stream header. */
  readonly depth: number;
  readonly before: Binding | undefined;
}

/** [XML Namespaces 1.0 §3] */
function checkDeclaration(prefix: string, namespace: string): void {
  if (prefix === 'xmlns' || namespace === XMLNS || (prefix === 'xml') !== (namespace === XML))
    throw notWellFormed('A reserved namespace is declared');
  if (namespace === '') throw notWellFormed('A prefix is declared for no namespace');
}

function prefixOf(name: string): string {
  const colon = name.indexOf(':');
  return colon < 0 ? '' : name.slice(0, colon);
}

/**
 * The prefixes in scope. A lookup takes the same time in whatever depth, and an element that declares none costs
 * nothing.
 */
export class Namespaces {
  readonly #bound = new Map<string, Binding>();
  readonly #open: Binding[] = [];

  /** Enters the scope of a tag: its declarations hold until {@link leave}. */
  declare(attrs: Readonly<Record<string, string>>, depth: number): void {
    for (const key in attrs) {
      if (!key.startsWith('xmlns:')) continue;
      const prefix = key.slice(6);
      const namespace = attrs[key] ?? '';
      checkDeclaration(prefix, namespace);
      const binding = { prefix, namespace, depth, before: this.#bound.get(prefix) };
      this.#bound.set(prefix, binding);
      this.#open.push(binding);
    }
  }

  /** Leaves the scope of an element; `'empty'` where no prefix is declared any more. */
  leave(depth: number): void | 'empty' {
    for (let last = this.#open.at(-1); last !== undefined && last.depth >= depth; last = this.#open.at(-1)) {
      this.#open.pop();
      if (last.before === undefined) this.#bound.delete(last.prefix);
      else this.#bound.set(last.prefix, last.before);
    }
    return this.#bound.size === 0 ? 'empty' : undefined;
  }

  /**
   * The namespace of a prefix. What the stream header declares is declared again on `top`, the first-level element,
   * which thereby means the same wherever it is passed on to.
   */
  #namespaceOf(prefix: string, top: Record<string, string>): string {
    if (prefix === 'xml') return XML;
    const binding = this.#bound.get(prefix);
    if (binding !== undefined && binding.depth > 0) return binding.namespace;
    const namespace = binding?.namespace ?? (prefix === 'stream' ? STREAMS : undefined);
    if (namespace === undefined) throw new StreamError('bad-namespace-prefix', 'A prefix that is not declared');
    top[`xmlns:${prefix}`] = namespace;
    return namespace;
  }

  /** Checks that every prefix of a tag is declared and no attribute is given twice under two prefixes. */
  resolve(tag: Tag, top: Record<string, string>): void {
    const elementPrefix = prefixOf(tag.name);
    if (elementPrefix === 'xmlns') throw notWellFormed('The prefix "xmlns" on an element');
    if (elementPrefix !== '') this.#namespaceOf(elementPrefix, top);
    let expanded: Set<string> | undefined;
    for (const key of Object.keys(tag.attrs)) {
      const prefix = prefixOf(key);
      if (prefix === '' || prefix === 'xmlns') continue;
      // a brace is in no local name
      const name = `${key.slice(prefix.length + 1)}}${this.#namespaceOf(prefix, top)}`;
      expanded ??= new Set();
      if (expanded.has(name)) throw notWellFormed('An attribute is repeated');
      expanded.add(name);
    }
  }
}

/** [XML Namespaces 1.0 §3]: neither reserved namespace may be the default. */
export function checkDefault(namespace: string | undefined): void {
  if (namespace === XML || namespace === XMLNS) throw notWellFormed('A reserved namespace is declared');
}
