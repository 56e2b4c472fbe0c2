/** Whether a stanza has everything that a pattern names; what the pattern does not name may be there or not. */
import type { XmlElement } from '../../src/xmpp/element.ts';
import { parseXml } from './xml-reader.ts';

const patterns = new Map<string, XmlElement>();

export function pattern(text: string): XmlElement {
  let parsed = patterns.get(text);
  if (parsed === undefined) patterns.set(text, (parsed = parseXml(text)));
  return parsed;
}

/** `*` alone means "some value"; `…` stands for any text before, after or between. */
function fits(wanted: string, got: string | undefined): boolean {
  if (got === undefined) return false;
  if (wanted === '*') return got !== '';
  if (!wanted.includes('…')) return wanted === got;
  const expression = wanted.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/gu, '\\$&'));
  return new RegExp(`^${expression.join('[\\s\\S]*')}$`, 'u').test(got);
}

export function matches(wanted: XmlElement, got: XmlElement): boolean {
  if (wanted.getName() !== got.getName() || wanted.getNS() !== got.getNS()) return false;
  for (const [name, value] of Object.entries(wanted.attrs)) {
    if (name === 'xmlns' || name.startsWith('xmlns:')) continue;
    if (!fits(value, got.attrs[name])) return false;
  }
  const children = wanted.getChildElements();
  if (children.length === 0) {
    const text = wanted.text();
    return text === '' || fits(text, got.text());
  }
  const rest = got.getChildElements();
  return children.every((child) => {
    const index = rest.findIndex((candidate) => matches(child, candidate));
    if (index < 0) return false;
    rest.splice(index, 1);
    return true;
  });
}
