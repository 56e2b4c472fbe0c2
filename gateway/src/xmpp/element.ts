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

/** Makes an element; attributes that are `undefined` and children that are falsy are left out. */
export function xml(name: string, attrs: Attributes | string = {}, ...children: readonly XmlChild[]): XmlElement {
  const given = typeof attrs === 'string' ? { xmlns: attrs } : attrs;
  const kept: Record<string, string> = {};
  for (const key in given) {
    const value = given[key];
    if (value !== undefined) kept[key] = String(value);
  }
  const element = new (UntypedElement as new (name: string, attrs: Record<string, string>) => XmlElement)(name, kept);
  for (const child of children)
    if (child !== undefined && child !== false && child !== null && child !== '') element.append(child);
  return element;
}
