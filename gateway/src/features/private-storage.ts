import type { Session } from '../c2s/session.ts';
import { onlyAt } from '../routing/iq.ts';
import { type XmlElement, xml } from '../xmpp/element.ts';
import { serialize } from '../xmpp/serialize.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import { defineFeature } from './feature.ts';

const PRIVATE = 'jabber:iq:private';
/** Characters of XML that one account may keep, and all accounts of this process. */
export const KEPT_PER_ACCOUNT = 65_536;
export const KEPT_IN_ALL = 16 * 1_048_576;
const ELEMENTS_PER_ACCOUNT = 32;

interface Account {
  readonly elements: Map<string, { readonly element: XmlElement; readonly size: number }>;
  size: number;
}

/** Written without prefixes, so that it means the same in another stanza. */
function copyOf(element: XmlElement): XmlElement {
  const attrs: Record<string, string | undefined> = { xmlns: element.getNS() };
  for (const [name, value] of Object.entries(element.attrs)) {
    if (!name.includes(':') || name === 'xml:lang') attrs[name] ??= value;
  }
  const copy = xml(element.getName(), attrs);
  for (const child of element.children) copy.append(typeof child === 'string' ? child : copyOf(child));
  return copy;
}

/** Who gets a username that was somebody else's has another name or password: a hash has a salt of its own. */
function keyOf({ tenant, staff }: Session): string {
  const { name, hash } = tenant.config.helpdesk.staff.find(({ username }) => username === staff) ?? {};
  return JSON.stringify([tenant.id, staff, name, hash]);
}

/** What apps keep at the server for themselves; nobody else ever sees it. */
class Storage {
  /** The account that was used last is last. */
  readonly #accounts = new Map<string, Account>();
  #size = 0;

  get(session: Session, name: string, namespace: string): XmlElement | undefined {
    const key = keyOf(session);
    const account = this.#accounts.get(key);
    if (account === undefined) return undefined;
    this.#accounts.delete(key);
    this.#accounts.set(key, account);
    return account.elements.get(`${namespace} ${name}`)?.element;
  }

  set(session: Session, elements: readonly XmlElement[]): void {
    const key = keyOf(session);
    const before = this.#accounts.get(key);
    const after: Account = { elements: new Map(before?.elements), size: before?.size ?? 0 };
    for (const element of elements) {
      const kept = copyOf(element);
      const name = `${element.getNS() ?? ''} ${element.getName()}`;
      const size = serialize(kept).length;
      after.size += size - (after.elements.get(name)?.size ?? 0);
      after.elements.set(name, { element: kept, size });
    }
    if (after.size > KEPT_PER_ACCOUNT || after.elements.size > ELEMENTS_PER_ACCOUNT) {
      throw new StanzaError('wait', 'resource-constraint', 'There is no room for more private data.');
    }
    this.#accounts.delete(key);
    this.#accounts.set(key, after);
    this.#size += after.size - (before?.size ?? 0);
    for (const [other, { size }] of this.#accounts) {
      if (this.#size <= KEPT_IN_ALL) break;
      this.#accounts.delete(other);
      this.#size -= size;
    }
  }
}

export const privateStorage = defineFeature({
  name: 'private XML storage',
  spec: 'XEP-0049 1.2',
  scope: 'In memory: 64 KiB per account, until the gateway restarts, or the account gets another name or password.',
  disco: { domain: [PRIVATE], account: [PRIVATE] },
  setup({ onIq }) {
    const storage = new Storage();

    onIq('get', PRIVATE, 'query', (request) => {
      onlyAt(request, 'account');
      const [wanted, ...more] = request.payload.getChildElements();
      if (wanted === undefined || more.length > 0) throw new StanzaError('modify', 'bad-request');
      const namespace = wanted.getNS() ?? '';
      const kept = storage.get(request.session, wanted.getName(), namespace);
      return xml('query', PRIVATE, kept === undefined ? xml(wanted.getName(), namespace) : copyOf(kept));
    });

    onIq('set', PRIVATE, 'query', (request) => {
      onlyAt(request, 'account');
      const elements = request.payload.getChildElements();
      if (elements.length === 0) throw new StanzaError('modify', 'bad-request');
      if (elements.some((element) => element.getNS() === PRIVATE)) throw new StanzaError('modify', 'not-acceptable');
      storage.set(request.session, elements);
    });
  },
});
