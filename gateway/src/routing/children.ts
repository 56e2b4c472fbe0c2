import type { XmlElement } from '../xmpp/element.ts';

/** The first child with this name in the stanza's own namespace. */
export function ownChild(stanza: XmlElement, name: string): XmlElement | undefined {
  const namespace = stanza.getNS();
  for (const child of stanza.children)
    if (typeof child !== 'string' && child.getName() === name && child.getNS() === namespace) return child;
  return undefined;
}

export function ownChildText(stanza: XmlElement, name: string): string | undefined {
  return ownChild(stanza, name)?.text();
}

/** Cuts after `length` UTF-16 units without leaving half a character. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const last = text.charCodeAt(length - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length);
}
