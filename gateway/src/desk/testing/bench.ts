/** A desk at work on a manual clock, with apps that write down what they get. */
import { ManualClock, settled, silentLogger } from '@chat-gateway/runtime';
import type { Act, AppMessage, Availability, ChatState, Item, SessionId } from '../../bus/messages.ts';
import type { Commit, SessionRecord } from '../../bus/port.ts';
import { tenantSchema } from '../../config/schema.ts';
import type { Tenant, Tenants } from '../../config/tenants.ts';
import type { ChatId, StaffId, TenantId } from '../../helpdesk/model.ts';
import { createDeskHost } from '../host.ts';
import { FakeHelpdesk, staffUser } from './fake-helpdesk.ts';

export const DOMAIN = 'acme.example';

export function tenantOf(change: object = {}): Tenant {
  const config = tenantSchema.parse({
    domain: DOMAIN,
    timeZone: 'UTC',
    helpdesk: { kind: 'embedded', teams: [{ id: 'sales', name: 'Sales' }], staff: [] },
    ...change,
  });
  return { id: DOMAIN as TenantId, domain: DOMAIN, visitorsDomain: `visitors.${DOMAIN}`, config };
}

/** One app of a staff user. */
export class TestApp {
  readonly items: Item[] = [];
  readonly id: SessionId;
  readonly bench: Bench;
  readonly resource: string;
  readonly staff: StaffId;
  #stanzas = 0;

  constructor(bench: Bench, staff: string, resource: string) {
    this.bench = bench;
    this.staff = staff as StaffId;
    this.resource = resource;
    this.id = `${staff}-${resource}-${++bench.made}` as SessionId;
    bench.apps.set(this.id, this);
  }

  do(act: Act): Promise<void> {
    return this.bench.handle(act, `${this.id}:${++this.#stanzas}`);
  }

  async open(replaces?: TestApp): Promise<this> {
    await this.do({
      type: 'session-opened',
      session: this.id,
      staff: this.staff,
      resource: this.resource,
      ...(replaces === undefined ? {} : { replaces: replaces.id }),
    });
    return this;
  }

  /** Writes the roster query and the first presence, as most programs do. */
  async online(availability: Partial<Availability> = {}): Promise<this> {
    await this.do({ type: 'roster-asked', session: this.id, ask: 'r1' });
    return this.shows(availability);
  }

  async shows(availability: Partial<Availability> | null): Promise<this> {
    const said = availability === null ? null : { show: 'available' as const, priority: 0, ...availability };
    await this.do({ type: 'session-presence', session: this.id, availability: said });
    await this.bench.settle();
    return this;
  }

  lost = () => this.do({ type: 'session-lost', session: this.id });
  resumed = () => this.do({ type: 'session-resumed', session: this.id });
  closed = () => this.do({ type: 'session-closed', session: this.id });

  async says(chat: ChatId | 'gateway', body: string, rest: Partial<AppMessage> = {}): Promise<void> {
    const to = chat === 'gateway' ? ({ is: 'gateway' } as const) : ({ is: 'visitor', chat } as const);
    const act = { type: 'message', session: this.id, to, message: { id: `m${this.#stanzas}`, body, ...rest } } as const;
    // What hangs at the helpdesk is not waited for.
    this.do(act).catch(() => undefined);
    await this.bench.settle();
  }

  async state(chat: ChatId, state: ChatState): Promise<void> {
    this.bench.host.signal(this.bench.tenant.id, { type: 'typing', session: this.id, chat, state });
    await this.bench.settle();
  }

  /** Proves all that it has got. */
  async proves(): Promise<void> {
    const proofs = this.of('message').flatMap(({ proof }) => proof ?? []);
    await this.do({ type: 'proved', session: this.id, proofs });
    await this.bench.settle();
  }

  of<Kind extends Item['kind']>(kind: Kind): Extract<Item, { kind: Kind }>[] {
    return this.items.filter((item): item is Extract<Item, { kind: Kind }> => item.kind === kind);
  }

  /** Takes out what has come so far: bodies as a person reads them. */
  takes(): string[] {
    const bodies = this.of('message').map(
      ({ body, own, at }) => `${at === undefined ? '' : '(late) '}${own ? 'You: ' : ''}${body}`,
    );
    this.items.length = 0;
    return bodies;
  }

  presenceOf(from: string): string | undefined {
    const last = this.of('presence').findLast((item) => item.from.startsWith(from));
    return last === undefined ? undefined : `${last.show}${last.status === undefined ? '' : ` ${last.status}`}`;
  }
}

export class Bench {
  readonly clock = new ManualClock();
  readonly apps = new Map<SessionId, TestApp>();
  readonly state = new Map<string, string>();
  readonly commits: Commit[] = [];
  /** Sessions made so far. */
  made = 0;
  tenant: Tenant;
  helpdesk: FakeHelpdesk;
  host;
  /** Fails the next commits. */
  failing = 0;
  readonly #listeners = new Set<Parameters<Tenants['onChange']>[0]>();

  constructor(tenant = tenantOf()) {
    this.tenant = tenant;
    this.helpdesk = new FakeHelpdesk(
      () => this.clock.now(),
      staffUser('jesse', 'Jesse Lee'),
      staffUser('varun', 'Varun Shah'),
      staffUser('ada', 'Ada Byron', { teams: ['support' as never] }),
    );
    this.host = this.#newHost();
  }

  #newHost() {
    let random = 0;
    return createDeskHost({
      helpdesk: () => this.helpdesk,
      tenants: {
        find: () => this.tenant,
        get: () => this.tenant,
        list: () => [this.tenant],
        onChange: (listener) => {
          this.#listeners.add(listener);
          return () => this.#listeners.delete(listener);
        },
      },
      clock: this.clock,
      random: (bytes) => String(++random).padStart(bytes * 2, '7'),
      log: silentLogger,
    });
  }

  async start(sessions: readonly SessionRecord[] = []): Promise<this> {
    await this.host.start(this.tenant.id, {
      state: new Map(this.state),
      sessions,
      commit: async (commit) => {
        for (const { sessions: to, item } of commit.deliveries)
          for (const id of to) this.apps.get(id)?.items.push(item);
        await Promise.resolve();
        if (this.failing > 0) {
          this.failing--;
          throw new Error('disk full');
        }
        this.commits.push(commit);
        for (const [key, value] of commit.changes) {
          if (value === null) this.state.delete(key);
          else this.state.set(key, value);
        }
      },
    });
    await this.settle();
    return this;
  }

  /** The process ends without a word and begins again: apps have to log in anew. */
  async restart(): Promise<void> {
    await this.host.stop(this.tenant.id);
    this.apps.clear();
    this.host = this.#newHost();
    await this.start();
  }

  configure(change: object): void {
    const before = this.tenant;
    this.tenant = tenantOf(change);
    for (const listener of this.#listeners)
      listener({ added: [], removed: [], changed: [{ before, after: this.tenant }] });
  }

  handle(act: Act, id: string): Promise<void> {
    return this.host.handle({ tenant: this.tenant.id, id, act });
  }

  settle = settled;
  advance = (ms: number) => this.clock.advance(ms);

  async logsIn(staff: string, resource = 'desk', availability: Partial<Availability> = {}): Promise<TestApp> {
    return (await new TestApp(this, staff, resource).open()).online(availability);
  }

  /** As {@link logsIn}, with what comes at login taken out. */
  async online(staff: string, resource = 'desk', availability: Partial<Availability> = {}): Promise<TestApp> {
    const app = await this.logsIn(staff, resource, availability);
    app.items.length = 0;
    return app;
  }

  /** A chat of Chris with these staff users in it, begun by the first one's reply. */
  async running(by: TestApp, id = 'c1', name = 'Chris'): Promise<ChatId> {
    const chat = this.helpdesk.waits(id, name);
    await by.says(chat, 'Hello.');
    await by.proves();
    for (const app of this.apps.values()) app.items.length = 0;
    return chat;
  }

  /** What staff users have said to visitors. */
  get said(): string[] {
    return [...this.helpdesk.lines.values()].flat().flatMap(({ from, text }) => (from.is === 'staff' ? [text] : []));
  }
}

export const openBench = (change: object = {}) => new Bench(tenantOf(change)).start();
