/**
 * A whole gateway in one process, or three that share one bus, with a clock that stands still. Apps and
 * visitors are spread over the gateways, so that edge, desk and page are rarely on the same one.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { ManualClock, silentLogger } from '@chat-gateway/runtime';
import type { z } from 'zod';
import { createMemoryBus } from '../../src/bus/memory-bus.ts';
import type { Bus } from '../../src/bus/port.ts';
import { chosenPod } from '../../src/bus/memory-desks.ts';
import {
  configSchema,
  type embeddedSchema,
  type Limits,
  limitsSchema,
  type TenantConfig,
  type tenantSchema,
} from '../../src/config/schema.ts';
import type { Tenant } from '../../src/config/tenants.ts';
import { hashPassword } from '../../src/connectors/embedded/staff/password-hash.ts';
import { openSqlite, type SqliteDatabase } from '../../src/connectors/embedded/store/sqlite-database.ts';
import { createSqliteCheckpoints } from '../../src/connectors/embedded/store/sqlite-checkpoints.ts';
import { createSqliteStore } from '../../src/connectors/embedded/store/sqlite-store.ts';
import type { VisitorSite } from '../../src/connectors/embedded/visitor-site.ts';
import { type Core, createCore } from '../../src/core.ts';
import { HelpdeskError } from '../../src/helpdesk/errors.ts';
import type { Files } from '../../src/helpdesk/files.ts';
import type { TeamId, TenantId } from '../../src/helpdesk/model.ts';
import { App, type AppOptions } from './app.ts';
import { StaticTenants } from './static-tenants.ts';
import { until } from './until.ts';
import { Visitor, type VisitorOptions } from './visitor.ts';

type EmbeddedInput = z.input<typeof embeddedSchema>;

export interface WorldOptions {
  readonly ring?: EmbeddedInput['ring'];
  readonly hours?: EmbeddedInput['hours'];
  readonly windowClose?: boolean;
  /** `acme.test` is a lab, which `boss` administers. */
  readonly lab?: boolean;
  readonly visitorAwayMinutes?: number;
  readonly form?: EmbeddedInput['form'];
  /** Usernames of those who may observe. */
  readonly observers?: readonly string[];
  /** Usernames of those who may ban. */
  readonly banning?: readonly string[];
  /** More of the configuration of `acme.test`. */
  readonly tenant?: Pick<z.input<typeof tenantSchema>, 'canned' | 'commands' | 'mail'>;
  readonly limits?: z.input<typeof limitsSchema>;
}

export const PASSWORD = 'correct horse';
let hash: Promise<string> | undefined;

const STAFF = [
  { username: 'jesse', name: 'Jesse Stone', teams: ['sales'] },
  { username: 'varun', name: 'Varun Shah', teams: ['sales'] },
  { username: 'mia', name: 'Mia Wong', teams: ['support'] },
  { username: 'nora@acme.com', name: 'Nora Berg', teams: ['sales'] },
  { username: 'boss', name: 'Bo Ström', teams: [], permissions: ['all-teams' as const] },
];

class TestVisitor extends Visitor {
  /** Leaves a message instead of a chat. */
  async leavesMessage(text: string, email: string, team = 'sales'): Promise<void> {
    await this.options.site.leaveMessage(this.options.tenant, {
      messageId: randomUUID(),
      name: this.options.name,
      email,
      team: team as TeamId,
      text,
    });
  }
}

export class World {
  readonly gateways: number;
  readonly clock = new ManualClock();
  readonly tenants: StaticTenants;
  readonly tenant = 'acme.test' as TenantId;
  helpdeskDown = false;
  /** The store refuses every read and write, as a disk that is gone. */
  storeDown = false;
  readonly #limits: Limits;
  #folder = mkdtempSync(join(tmpdir(), 'chat-gateway-'));
  #database!: SqliteDatabase;
  #bus!: Bus;
  #cores = new Map<string, Core>();
  #apps: App[] = [];
  #edges = new Map<App, number>();
  #next = 0;

  constructor(gateways: number, tenants: readonly Tenant[], limits: Limits = limitsSchema.parse({})) {
    this.gateways = gateways;
    this.#limits = limits;
    this.tenants = new StaticTenants(tenants);
  }

  /** Opens what is kept, and as many gateways as there are. */
  async start(): Promise<void> {
    this.#database = openSqlite(join(this.#folder, 'gateway.sqlite'));
    const checkpoints = createSqliteCheckpoints(this.#database);
    const store = failing(createSqliteStore(this.#database), () => this.storeDown);
    const random = (bytes: number): string => randomBytes(bytes).toString('hex');
    this.#bus = createMemoryBus({
      clock: this.clock,
      log: silentLogger,
      checkpoints,
      random,
      copy: (value) => structuredClone(value),
    });
    for (let number = 0; number < this.gateways; number++) {
      const pod = `pod-${number}`;
      const core = await createCore({
        pod,
        hostName: 'chat.test',
        tenants: this.tenants,
        bus: this.#bus,
        store,
        clock: this.clock,
        log: silentLogger,
        random,
        limits: this.#limits,
        version: '0.0.0',
        wrapLogins: (logins) => ({
          canonical: (username) => logins.canonical(username),
          verify: (username, password) =>
            this.helpdeskDown
              ? Promise.reject(new HelpdeskError({ is: 'unreachable' }))
              : logins.verify(username, password),
        }),
      });
      this.#cores.set(pod, core);
    }
    await this.#bus.setTenants(this.tenants.list().map((tenant) => tenant.id));
  }

  async stop(): Promise<void> {
    for (const app of this.#apps) app.cut();
    // the gateways hear of it
    await settle();
    for (const core of this.#cores.values()) await this.#stopped(core);
    this.#cores.clear();
    await this.#database.close();
  }

  /** Everything goes away and comes back; only what was stored is left. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** As after kill -9: what was on the disk at this moment is all there is. */
  async kill(): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), 'chat-gateway-'));
    for (const file of readdirSync(this.#folder).filter((name) => !name.endsWith('.lock')))
      cpSync(join(this.#folder, file), join(folder, file));
    const before = this.#folder;
    await this.stop();
    rmSync(before, { recursive: true, force: true });
    this.#folder = folder;
    await this.start();
  }

  async close(): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** The visitor site of the next gateway in turn. */
  get site(): VisitorSite {
    return this.#core(this.#next++).site;
  }

  /** Files, as the web part of the next gateway in turn has them. */
  get files(): Files {
    return this.#core(this.#next++).files;
  }

  /** An app that has not connected yet. */
  app(username: string, options: Partial<AppOptions> = {}): App {
    const app: App = new App({
      domain: 'acme.test',
      username,
      password: PASSWORD,
      ...options,
      connect: (duplex) => {
        this.#accept(this.#edges.get(app) ?? 0, duplex);
      },
    });
    this.#edges.set(app, this.#next++);
    this.#apps.push(app);
    return app;
  }

  async online(username: string, options: Partial<AppOptions> = {}): Promise<App> {
    return this.app(username, options).login();
  }

  /** The app's next connection goes to another gateway. */
  moveApp(app: App): void {
    this.#edges.set(app, (this.#edges.get(app) ?? 0) + 1);
  }

  visitor(name: string, options: Pick<VisitorOptions, 'email' | 'phone' | 'fields' | 'page'> = {}): TestVisitor {
    return new TestVisitor({
      name,
      tenant: this.tenant,
      domain: 'acme.test',
      site: this.site,
      clock: this.clock,
      ...options,
    });
  }

  /** Which of these apps got the request of this visitor. */
  async ringingAt(apps: readonly App[], visitor: Visitor): Promise<App> {
    return until(
      () => apps.find((app) => app.bodies(visitor.jid).length > 0),
      () => `nobody is asked for ${visitor.options.name}`,
    );
  }

  /** Moves time on; what becomes due has happened, and everything that it causes, when this resolves. */
  async advance(ms: number): Promise<void> {
    await this.clock.advance(ms, settle);
  }

  until<T>(look: () => T | undefined | false, otherwise: string): Promise<T> {
    return until(look, () => otherwise);
  }

  /** The configuration of `acme.test` changes while everything runs; `undefined` takes the tenant away. */
  async reconfigure(change: (config: TenantConfig) => TenantConfig | undefined): Promise<void> {
    this.tenants.set(
      this.tenants.list().flatMap((tenant) => {
        if (tenant.id !== this.tenant) return [tenant];
        const config = change(tenant.config);
        return config === undefined ? [] : [{ ...tenant, config }];
      }),
    );
    await this.#bus.setTenants(this.tenants.list().map((tenant) => tenant.id));
  }

  /** The gateway whose desk serves this tenant stops; those named are connected to others first. */
  async stopDeskOf(tenant: TenantId, named: App | readonly App[], visitor: Visitor): Promise<void> {
    const pod = chosenPod(tenant, this.#cores.keys()) ?? '';
    const others = [...this.#cores.keys()].filter((name) => name !== pod);
    const elsewhere = Number((others[0] ?? '').slice('pod-'.length));
    for (const app of [named].flat()) {
      app.cut();
      this.#edges.set(app, elsewhere);
      await app.returns();
    }
    await visitor.opensPage(this.#core(elsewhere).site);
    const core = this.#cores.get(pod);
    if (core !== undefined) await this.#stopped(core);
    this.#cores.delete(pod);
  }

  async #stopped(core: Core): Promise<void> {
    let isStopped = false;
    const stopped = core.stop(0).finally(() => (isStopped = true));
    // a connection that nobody closes is given up after a while
    for (let tries = 0; !isStopped; tries++) await this.clock.advance(tries < 50 ? 0 : 1_000);
    await stopped;
  }

  #core(number: number): Core {
    const core = this.#cores.get(`pod-${number % this.gateways}`) ?? [...this.#cores.values()][0];
    if (core === undefined) throw new Error('no gateway is running');
    return core;
  }

  #accept(number: number, duplex: Duplex): void {
    this.#core(number).edge.accept(duplex, { remoteAddress: '192.0.2.7', transport: 'secured' });
  }
}

/** What is under way in this process has gone on for a while. */
async function settle(): Promise<void> {
  for (let count = 0; count < 25; count++) await turn();
}

/** The same, with each method rejecting while it is down. */
function failing<Store extends object>(store: Store, isDown: () => boolean): Store {
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      const method = member as (...given: unknown[]) => unknown;
      return (...given: unknown[]) =>
        isDown() ? Promise.reject(new Error('the disk is gone')) : method.apply(target, given);
    },
  });
}

function administering<One extends { username: string }>(staff: One): One {
  return staff.username === 'boss' ? { ...staff, permissions: ['all-teams', 'lab-admin'] } : staff;
}

/** The tenants `acme.test` and `other.test`. */
export async function openWorld(gateways: number, options: WorldOptions = {}): Promise<World> {
  hash ??= hashPassword(PASSWORD);
  const staff = await Promise.all(
    STAFF.map(async (one) => {
      const isObserver = options.observers?.includes(one.username) === true;
      const mayBan = options.banning?.includes(one.username) === true;
      const permissions = [
        ...(one.permissions ?? []),
        ...(isObserver ? ['observe' as const] : []),
        ...(mayBan ? ['ban' as const] : []),
      ];
      return { ...one, permissions, hash: (await hash) ?? '' };
    }),
  );
  const helpdesk = {
    kind: 'embedded' as const,
    teams: [
      { id: 'sales', name: 'Sales' },
      { id: 'support', name: 'Support' },
    ],
    staff,
    ...(options.ring === undefined ? {} : { ring: options.ring }),
    ...(options.hours === undefined ? {} : { hours: options.hours }),
    ...(options.form === undefined ? {} : { form: options.form }),
    ...(options.visitorAwayMinutes === undefined ? {} : { visitorAwayMinutes: options.visitorAwayMinutes }),
  };
  const config = configSchema.parse({
    tenants: [
      {
        domain: 'acme.test',
        name: 'Acme',
        usernameDomain: 'acme.com',
        timeZone: 'Europe/Berlin',
        helpdesk: options.lab === true ? { ...helpdesk, staff: staff.map(administering) } : helpdesk,
        lab: options.lab === true,
        ...(options.windowClose === undefined ? {} : { windowClose: { enabled: options.windowClose } }),
        ...options.tenant,
      },
      { domain: 'other.test', name: 'Other', helpdesk },
    ],
  });
  const world = new World(
    gateways,
    config.tenants.map((tenant) => ({
      id: tenant.domain as TenantId,
      domain: tenant.domain,
      visitorsDomain: `visitors.${tenant.domain}`,
      config: tenant,
    })),
    limitsSchema.parse(options.limits ?? {}),
  );
  await world.start();
  return world;
}
