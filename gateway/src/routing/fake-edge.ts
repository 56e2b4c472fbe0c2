/** Test support: apps of one tenant on a session layer, without a stream; what a desk says is scripted. */
import { type Logger, ManualClock, silentLogger } from '@chat-gateway/runtime';
import type { Act, Answer, DeskSignal, Item, RosterItem, SessionId } from '../bus/messages.ts';
import type { SessionRecord } from '../bus/port.ts';
import type { Inbound, Session, SessionLayer } from '../c2s/session.ts';
import type { Tenant } from '../config/tenants.ts';
import { tenantSchema } from '../config/schema.ts';
import type { StaffId, TenantId } from '../helpdesk/model.ts';
import type { XmlElement } from '../xmpp/element.ts';
import { POST_AUTH_LIMITS } from '../xmpp/limits.ts';
import { unescapeLocal } from '../xmpp/jid.ts';
import { serialize } from '../xmpp/serialize.ts';
import { StreamParser } from '../xmpp/stream-parser.ts';
import type { StreamError } from '../xmpp/stream-error.ts';

export const DOMAIN = 'acme.example';
const HEADER = `<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='${DOMAIN}' version='1.0'>`;

/** Parses one element as it comes from a stream. */
export function parseElement(text: string): XmlElement {
  let parsed: XmlElement | undefined;
  const parser = new StreamParser(
    {
      header: () => undefined,
      element: (element) => {
        parsed = element;
      },
      end: () => undefined,
    },
    POST_AUTH_LIMITS,
  );
  parser.write(Buffer.from(HEADER + text));
  if (parsed === undefined) throw new Error(`not one whole element: ${text}`);
  return parsed;
}

export const tenant: Tenant = {
  id: DOMAIN as TenantId,
  domain: DOMAIN,
  visitorsDomain: `visitors.${DOMAIN}`,
  config: tenantSchema.parse({
    domain: DOMAIN,
    name: 'Acme',
    timeZone: 'Europe/Berlin',
    helpdesk: { kind: 'embedded', teams: [{ id: 'sales', name: 'Sales' }], staff: [] },
  }),
};

export interface LayerFor {
  (deps: { bus: { sessions: FakeEdge }; clock: ManualClock; log: Logger; version: string }): SessionLayer;
}

/** For tests that need apps and nothing above them. */
export const noLayer: LayerFor = () => ({
  streamFeatures: () => [],
  stanza: () => undefined,
  nonza: () => false,
  render: () => undefined,
  proved: (_, proofs) => proofs,
  resumed: () => undefined,
  closed: () => undefined,
});

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** One staff app: what it sends goes through the layer, what it gets is kept as text. */
export class FakeApp implements Session {
  readonly id: SessionId;
  readonly tenant: Tenant;
  readonly staff: StaffId;
  readonly bareJid: string;
  readonly resource: string;
  readonly fullJid: string;
  readonly publicId: string;
  readonly record: Mutable<SessionRecord>;
  readonly memory = new Map<symbol, unknown>();
  readonly got: string[] = [];
  /** Of each IQ sent: whether it is written again after a resume. */
  readonly kept: boolean[] = [];
  readonly acts: Act[] = [];
  readonly signals: DeskSignal[] = [];
  readonly closed: (StreamError | undefined)[] = [];
  readonly #underWay = new Set<string>();
  /** Set to make the desk unreachable. */
  putFails: Error | undefined;
  readonly #edge: FakeEdge;
  #stanzas = 0;

  constructor(edge: FakeEdge, local: string, resource: string, record: Partial<SessionRecord>) {
    this.#edge = edge;
    this.tenant = edge.tenant;
    this.id = `${local}-${resource}` as SessionId;
    this.staff = unescapeLocal(local) as StaffId;
    this.bareJid = `${local}@${DOMAIN}`;
    this.resource = resource;
    this.fullJid = `${this.bareJid}/${resource}`;
    this.publicId = `public-${this.id}`;
    this.record = {
      id: this.id,
      tenant: tenant.id,
      staff: this.staff,
      bareJid: this.bareJid,
      resource,
      pod: 'pod',
      epoch: 1,
      availability: { show: 'available', priority: 0 },
      carbons: false,
      attached: true,
      handled: 0,
      written: 0,
      ...record,
    };
  }

  send(element: XmlElement, keep?: 'keep'): void {
    this.got.push(serialize(element));
    if (element.is('iq')) this.kept.push(keep === 'keep');
  }

  async put(act: Act, _of?: Inbound): Promise<void> {
    if (this.putFails !== undefined) throw this.putFails;
    this.acts.push(act);
    await Promise.resolve();
    for (const item of this.#edge.desk(act)) this.receives(item);
  }

  signal(signal: DeskSignal): void {
    this.signals.push(signal);
  }

  countMatters(): void {
    // there is no stream that counts
  }

  underWay(): ReadonlySet<string> {
    return new Set(this.#underWay);
  }

  /** Acknowledges all that came; what a desk would hear of is returned. */
  proves(): readonly string[] {
    const proofs = Array.from(this.#underWay);
    this.#underWay.clear();
    return this.#edge.layer.proved(this, proofs);
  }

  note(change: Partial<Pick<SessionRecord, 'availability' | 'carbons'>>): void {
    Object.assign(this.record, change);
  }

  close(error?: StreamError): void {
    this.closed.push(error);
  }

  /** The stream gives a stanza to the layer, stamped with its sender. */
  async sends(text: string): Promise<void> {
    const element = parseElement(text);
    element.attrs.from = this.fullJid;
    this.#stanzas++;
    await this.#edge.layer.stanza(this, { element, entryId: `${this.id}:${this.#stanzas}` });
  }

  nonza(text: string): boolean {
    return this.#edge.layer.nonza(this, parseElement(text));
  }

  /** An item comes out of the session's outbox. */
  receives(item: Item): string | undefined {
    if (item.kind === 'message' && item.proof !== undefined) this.#underWay.add(item.proof);
    const stanza = this.#edge.layer.render(this, item);
    if (stanza === undefined) return undefined;
    this.send(stanza);
    return this.got.at(-1);
  }

  /** What came since the last look. */
  takes(): string[] {
    return this.got.splice(0);
  }

  /** Takes the one stanza that came. */
  takesOne(): XmlElement {
    const taken = this.takes();
    if (taken.length !== 1 || taken[0] === undefined) throw new Error(`expected one stanza, got ${taken.join('\n')}`);
    return parseElement(taken[0]);
  }
}

/** The sessions of one tenant, the layer over them, and the answers of a desk. */
export class FakeEdge {
  readonly clock = new ManualClock();
  readonly layer: SessionLayer;
  readonly apps: FakeApp[] = [];
  readonly delivered: { to: SessionId; item: Item }[] = [];
  readonly cards = new Map<string, Answer>();
  roster: readonly RosterItem[] = [];
  answers = true;
  /** What menus and their commands are answered. */
  menu: (act: Extract<Act, { readonly type: 'asked' | 'command' }>) => Answer = (act) => {
    if (act.type === 'command') return { about: 'nothing' };
    return act.question.about === 'bans' ? { about: 'bans', visitors: [] } : { about: 'menu', entries: [] };
  };

  readonly tenant: Tenant;

  constructor(createLayer: LayerFor, log: Logger = silentLogger, of: Tenant = tenant) {
    this.tenant = of;
    this.layer = createLayer({ bus: { sessions: this }, clock: this.clock, log, version: '1.2.3' });
  }

  app(local: string, resource = 'desk', record: Partial<SessionRecord> = {}): FakeApp {
    const app = new FakeApp(this, local, resource, record);
    this.apps.push(app);
    return app;
  }

  desk(act: Act): Item[] {
    if (!this.answers) return [];
    switch (act.type) {
      case 'asked': {
        const { question } = act;
        if (question.about === 'menu' || question.about === 'bans')
          return [{ kind: 'answer', ask: act.ask, answer: this.menu(act) }];
        const key = question.about === 'visitor-card' ? question.chat : question.staff;
        return [{ kind: 'answer', ask: act.ask, answer: this.cards.get(key) ?? { about: 'nothing' } }];
      }
      case 'roster-asked': {
        const same = act.version === 'v1';
        return [{ kind: 'roster', ask: act.ask, version: 'v1', ...(!same && { items: this.roster }) }];
      }
      case 'command':
        return [{ kind: 'answer', ask: act.ask, answer: this.menu(act) }];
      default:
        return [];
    }
  }

  of(of: TenantId, staff: StaffId): Promise<readonly SessionRecord[]> {
    return Promise.resolve(
      this.apps.filter((app) => app.tenant.id === of && app.staff === staff).map((app) => ({ ...app.record })),
    );
  }

  deliver(session: SessionId, item: Item): Promise<boolean> {
    const app = this.apps.find((one) => one.id === session);
    if (app === undefined) return Promise.resolve(false);
    this.delivered.push({ to: session, item });
    app.receives(structuredClone(item));
    return Promise.resolve(true);
  }
}
