/** An edge with a real bus in memory, one fake desk, a fake layer above, and a clock that stands still. */
import assert from 'node:assert/strict';
import { ManualClock, silentLogger } from '@chat-gateway/runtime';
import { createMemoryBus } from '../../src/bus/memory-bus.ts';
import { MemoryCheckpoints } from '../../src/bus/memory-checkpoints.ts';
import type { Act, InboxEntry, Item } from '../../src/bus/messages.ts';
import type { Bus, DeskHost } from '../../src/bus/port.ts';
import { type CertificateConfig, type Limits, limitsSchema, tenantSchema } from '../../src/config/schema.ts';
import type { Tenant, TenantChanges, Tenants } from '../../src/config/tenants.ts';
import { HelpdeskError } from '../../src/helpdesk/errors.ts';
import type { StaffId, TenantId } from '../../src/helpdesk/model.ts';
import type { Logins } from '../../src/helpdesk/port.ts';
import { type XmlElement, xml } from '../../src/xmpp/element.ts';
import { createEdge, type Edge } from '../../src/c2s/edge.ts';
import type { Inbound, Session, SessionLayer } from '../../src/c2s/session.ts';
import type { TlsContexts } from '../../src/c2s/tls-contexts.ts';
import { auth, bind, HEADER, TextApp } from './text-app.ts';

export function tenantOf(domain: string, more: { usernameDomain?: string; tls?: CertificateConfig } = {}): Tenant {
  const config = tenantSchema.parse({
    domain,
    helpdesk: { kind: 'embedded', teams: [{ id: 'sales', name: 'Sales' }], staff: [] },
    ...more,
  });
  return { id: domain as TenantId, domain, visitorsDomain: `visitors.${domain}`, config };
}

export class FakeTenants implements Tenants {
  readonly #listeners = new Set<(changes: TenantChanges) => void>();
  all: Tenant[];
  constructor(...tenants: Tenant[]) {
    this.all = tenants;
  }
  find(domain: string): Tenant | undefined {
    return this.all.find((tenant) => tenant.domain === domain);
  }
  get(id: TenantId): Tenant | undefined {
    return this.all.find((tenant) => tenant.id === id);
  }
  list(): readonly Tenant[] {
    return this.all;
  }
  onChange(listener: (changes: TenantChanges) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
  remove(domain: string): void {
    const removed = this.all.filter((tenant) => tenant.domain === domain);
    this.all = this.all.filter((tenant) => tenant.domain !== domain);
    for (const listener of this.#listeners) listener({ added: [], changed: [], removed });
  }
}

/** Answers every IQ request with an empty result; messages with a body become acts. */
export class FakeLayer implements SessionLayer {
  readonly stanzas: Inbound[] = [];
  readonly told: string[] = [];
  sessions: Session[] = [];
  /** Set to decide about a stanza oneself. */
  onStanza: ((session: Session, inbound: Inbound) => void | Promise<void>) | undefined;
  streamFeatures(): readonly XmlElement[] {
    return [xml('session', 'urn:ietf:params:xml:ns:xmpp-session', xml('optional'))];
  }
  stanza(session: Session, inbound: Inbound): void | Promise<void> {
    this.stanzas.push(inbound);
    if (!this.sessions.includes(session)) this.sessions.push(session);
    if (this.onStanza !== undefined) return this.onStanza(session, inbound);
    const { element } = inbound;
    const { id, type, to, from } = element.attrs;
    if (element.name === 'iq' && (type === 'get' || type === 'set'))
      session.send(xml('iq', { type: 'result', id, to: from, from: to }), 'keep');
    if (element.name !== 'message') return undefined;
    const body = element.getChildText('body') ?? '';
    return session.put({ type: 'message', session: session.id, to: { is: 'gateway' }, message: { body } }, inbound);
  }
  nonza(_session: Session, element: XmlElement): boolean {
    return element.is('active', 'urn:xmpp:csi:0');
  }
  render(session: Session, item: Item): XmlElement | undefined {
    if (item.kind === 'message')
      return xml('message', { from: item.from, to: session.fullJid, type: 'chat' }, xml('body', {}, item.body));
    if (item.kind === 'presence') return xml('presence', { from: item.from, to: session.fullJid });
    return undefined;
  }
  proved(_session: Session, proofs: readonly string[]): readonly string[] {
    return proofs;
  }
  resumed(session: Session): void {
    this.told.push(`resumed ${session.resource}`);
  }
  closed(session: Session): void {
    this.told.push(`closed ${session.resource}`);
  }
}

export class FakeDesk implements DeskHost {
  readonly entries: InboxEntry[] = [];
  onEntry: (entry: InboxEntry) => Promise<void> = async () => undefined;
  async start(): Promise<void> {}
  async stop(): Promise<void> {}
  handle(entry: InboxEntry): Promise<void> {
    this.entries.push(entry);
    return this.onEntry(entry);
  }
  signal(): void {}
  get acts(): Act[] {
    return this.entries.map(({ act }) => act);
  }
}

export class FakeLogins implements Logins {
  readonly asked: { username: string; password: string }[] = [];
  answer: 'right' | 'unreachable' | 'hangs' | 'forbidden' | 'locked' | 'protocol' = 'right';
  readonly passwords = new Map([
    ['jesse', 'secret'],
    ['varun', 'word'],
    ['nora@acme.com', 'mail'],
  ]);
  canonical(username: string): string {
    return username.trim().toLowerCase();
  }
  async verify(username: string, password: string): Promise<{ staff: StaffId; username: string }> {
    this.asked.push({ username, password });
    if (this.answer === 'hangs') await new Promise(() => undefined);
    if (this.answer !== 'right' && this.answer !== 'hangs') throw new HelpdeskError({ is: this.answer });
    const known = [username.toLowerCase(), `${username.toLowerCase()}@acme.com`].find((name) =>
      this.passwords.has(name),
    );
    if (known === undefined || this.passwords.get(known) !== password) throw new HelpdeskError({ is: 'refused' });
    return { staff: known as StaffId, username: known };
  }
}

export interface EdgeWorld {
  readonly edge: Edge;
  /** A second pod on the same bus. */
  readonly other: Edge;
  readonly bus: Bus;
  readonly clock: ManualClock;
  readonly layer: FakeLayer;
  readonly desk: FakeDesk;
  readonly logins: FakeLogins;
  readonly tenants: FakeTenants;
  readonly acme: TenantId;
  readonly connect: (on?: Edge, address?: string) => TextApp;
  /** Logged in, before the bind. */
  readonly loggedIn: (on?: Edge, username?: string, password?: string) => Promise<TextApp>;
  readonly bound: (resource?: string, on?: Edge) => Promise<TextApp>;
  /** Bound, with resumption enabled; the id of the resumption. */
  readonly managed: (resource?: string, on?: Edge) => Promise<{ app: TextApp; id: string }>;
  readonly deliver: (resource: string, item: Item) => Promise<void>;
}

export async function edgeWorld(
  options: { limits?: Partial<Limits>; contexts?: TlsContexts; random?: (bytes: number) => string } = {},
): Promise<EdgeWorld> {
  const clock = new ManualClock();
  let counter = 0;
  const random = options.random ?? ((bytes: number): string => (++counter).toString(16).padStart(bytes * 2, '0'));
  const checkpoints = new MemoryCheckpoints();
  const bus = createMemoryBus({ clock, log: silentLogger, checkpoints, random });
  const tenants = new FakeTenants(tenantOf('acme.test', { usernameDomain: 'acme.com' }), tenantOf('beta.test'));
  const desk = new FakeDesk();
  await bus.join('pod-1', desk);
  await bus.setTenants(tenants.list().map(({ id }) => id));
  const layer = new FakeLayer();
  const logins = new FakeLogins();
  const make = (pod: string): Edge =>
    createEdge({
      pod,
      hostName: 'chat.test',
      tenants,
      logins: () => logins,
      bus,
      layer,
      clock,
      random,
      log: silentLogger,
      limits: { ...limitsSchema.parse({}), ...options.limits },
      ...(options.contexts === undefined ? {} : { contexts: options.contexts }),
    });
  const edge = make('pod-1');
  const other = make('pod-2');
  const acme = 'acme.test' as TenantId;
  const world: EdgeWorld = {
    edge,
    other,
    bus,
    clock,
    layer,
    desk,
    logins,
    tenants,
    acme,
    connect(on = edge, remoteAddress = '192.0.2.1') {
      const app = new TextApp();
      on.accept(app.far, { transport: 'secured', remoteAddress });
      return app;
    },
    async loggedIn(on = edge, username = 'jesse', password = 'secret') {
      const app = world.connect(on);
      await app.says(HEADER + auth(username, password));
      const features = await app.says(HEADER);
      assert.match(features, /<bind /u);
      return app;
    },
    async bound(resource = 'desk', on = edge) {
      const app = await world.loggedIn(on);
      const result = await app.says(bind(resource));
      assert.match(result, /type='result'/u);
      return app;
    },
    async managed(resource = 'desk', on = edge) {
      const app = await world.bound(resource, on);
      const enabled = await app.says(`<enable xmlns='urn:xmpp:sm:3' resume='true'/>`);
      const id = /id='([^']+)'/u.exec(enabled)?.[1];
      assert.ok(id, enabled);
      return { app, id };
    },
    async deliver(resource, item) {
      const records = await bus.sessions.of(acme, 'jesse' as StaffId);
      const record = records.find((one) => one.resource === resource);
      assert.ok(record, `no session ${resource}`);
      await bus.sessions.deliver(record.id, item);
    },
  };
  return world;
}
