import { Element as UntypedElement } from '@xmpp/xml';

/** The tree that the code works on: an element of `@xmpp/xml`, as far as we use it. */
export interface XmlElement {
  /** With its prefix, where it has one. */
  readonly name: string;
  readonly attrs: Record<string, string>;
  readonly children: (XmlElement | string)[];
  parent: XmlElement | null;
  is(name: string, xmlns?: string): boolean;
  getName(): string;
  getNS(): string | undefined;
  getChild(name: string, xmlns?: string): XmlElement | undefined;
  getChildren(name: string, xmlns?: string): XmlElement[];
  getChildText(name: string, xmlns?: string): string | null;
  getChildElements(): XmlElement[];
  text(): string;
  append(...nodes: (XmlElement | string)[]): this;
}

export type XmlChild = XmlElement | string | undefined | false | null;
type Attributes = Readonly<Record<string, string | number | undefined>>;

/**
 * What the library's class is to a tree, without its constructor: that makes and copies objects which nobody keeps,
 * and every stanza is made of five elements or more.
 */
function Base(this: XmlElement): void {
  // the fields are those of the class below
}
Base.prototype = (UntypedElement as { readonly prototype: object }).prototype;
const Bare = Base as unknown as abstract new () => XmlElement;

/** Made by `xml` and by the parser: all elements have the same shape. */
export class Element extends Bare {
  override readonly name: string;
  override parent: XmlElement | null = null;
  override children: (XmlElement | string)[] = [];
  override readonly attrs: Record<string, string>;

  /** Takes over `attrs`. */
  constructor(name: string, attrs: Record<string, string>) {
    super();
    this.name = name;
    this.attrs = attrs;
  }

  /** Most elements have one child: an array that `push` makes has room for seventeen. */
  adopt(child: XmlElement | string): void {
    if (this.children.length === 0) this.children = [child];
    else this.children.push(child);
    if (typeof child !== 'string') child.parent = this;
  }
}

function isText(given: Attributes): given is Record<string, string> {
  for (const key in given) if (typeof given[key] !== 'string') return false;
  return true;
}

function asText(given: Attributes): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const key in given) {
    const value = given[key];
    if (value !== undefined) kept[key] = String(value);
  }
  return kept;
}

/** Makes an element; attributes that are `undefined` and children that are falsy are left out. */
export function xml(name: string, attrs: Attributes | string = {}, ...children: readonly XmlChild[]): XmlElement {
  const given = typeof attrs === 'string' ? { xmlns: attrs } : attrs;
  const element = new Element(name, isText(given) ? given : asText(given));
  for (const child of children)
    if (child !== undefined && child !== false && child !== null && child !== '') element.adopt(child);
  return element;
}
