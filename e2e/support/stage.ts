import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Account, AppPlace } from '../drivers/staff-app.ts';
import { openBrowser, type Visitor, type Window } from '../drivers/visitor.ts';
import { type Authority, issue, makeAuthority } from './certificates.ts';
import { type CuttableProxy, openProxy } from './cuttable-proxy.ts';
import { type Gateway, makeGateway } from './gateway.ts';
import { DOMAIN, HOST, type RingStrategy, type StaffMember, VISITORS } from './helpdesk.ts';
import { makeSurroundings, type SurroundingsOptions } from './surroundings.ts';

const ARTIFACTS = join(import.meta.dirname, '..', '..', 'artifacts');

export interface StageOptions {
  readonly ring?: RingStrategy;
}

export interface PlaceOptions extends Pick<SurroundingsOptions, 'address' | 'nameServer' | 'unprivileged'> {
  readonly told?: Authority;
  readonly system?: readonly Authority[];
}

interface Stoppable {
  stop(): Promise<void>;
  /** Kept as a log. */
  screen?(): string | Promise<string>;
}

/** One gateway with its helpdesk, and places for clients; everything ends with the test. */
export interface Stage {
  readonly gateway: Gateway;
  /** Whom the apps trust. */
  readonly authority: Authority;
  /** How to log in; over `proxy`, or directly. */
  account(staff: StaffMember, proxy?: CuttableProxy): Account;
  /**
   * A machine for one client. What it is told to trust is `told`, what its system trusts is `system`.
   * Default: the gateway's authority is known to the system or, for apps with a setting of their own, to that only.
   */
  place(name: string, options?: PlaceOptions): Promise<AppPlace>;
  /** A new folder, for files of a person. */
  folder(name: string): Promise<string>;
  proxy(port: number): Promise<CuttableProxy>;
  visitor(window?: Partial<Window>): Promise<Visitor>;
  /** Ends with the stage. */
  use<T extends Stoppable>(part: T): T;
  /** Another authority, that nobody trusts unless told. */
  stranger(name: string): Promise<Authority>;
}

export async function openStage(t: TestContext, options: StageOptions = {}): Promise<Stage> {
  const name = `${basename(t.filePath ?? 'test', '.e2e.ts')}-${t.name}`.replaceAll(/[^a-z0-9]+/giu, '-').slice(0, 80);
  const folder = await mkdtemp(join(tmpdir(), 'chat-gateway-e2e-'));
  const stops: (() => Promise<void>)[] = [];
  t.after(async () => {
    const failures: unknown[] = [];
    for (const stop of stops.reverse()) await stop().catch((error: unknown) => failures.push(error));
    await keepLogs(folder, join(ARTIFACTS, 'e2e', name));
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    if (failures.length > 0) throw new AggregateError(failures, 'not everything could be stopped');
  });
  const use = <T extends Stoppable>(part: T): T => {
    const file = join(folder, `screen-${stops.length}.log`);
    stops.push(async () => {
      if (part.screen !== undefined) await writeFile(file, await part.screen());
      await part.stop();
    });
    return part;
  };

  const authority = await makeAuthority(join(folder, 'ca'), 'Test authority');
  // the tenant's does not have the gateway's name: an app that asks for that must not be shown it
  const tls = await issue(authority, join(folder, 'tls'), [HOST, DOMAIN, VISITORS]);
  const tenantTls = await issue(authority, join(folder, 'tenant-tls'), [DOMAIN, VISITORS]);
  const ring = options.ring ?? 'round-robin';
  const gateway = use(await makeGateway({ folder: join(folder, 'gateway'), tls, tenantTls, ring }));
  await gateway.start();

  let places = 0;
  return {
    gateway,
    authority,
    account: (staff, proxy) => ({
      jid: `${staff.username}@${DOMAIN}`,
      password: staff.password,
      server: DOMAIN,
      port: proxy?.port ?? gateway.ports.xmpp,
    }),
    async place(client, { told = authority, system = [], ...machine } = {}) {
      const own = join(folder, `${client}-${(places += 1)}`);
      await mkdir(own, { recursive: true });
      const trusted = system.map((one) => one.pem);
      const surroundings = await makeSurroundings(own, { ...machine, names: [HOST, DOMAIN, VISITORS], trusted });
      return { folder: own, surroundings, trusted: told.certificate };
    },
    async folder(what) {
      const own = join(folder, `${what}-${(places += 1)}`);
      await mkdir(own);
      return own;
    },
    async proxy(port) {
      const proxy = await openProxy(port);
      stops.push(() => proxy.close());
      return proxy;
    },
    async visitor(window) {
      const browser = use(
        await openBrowser({
          folder: join(folder, `browser-${(places += 1)}`),
          authority,
          screens: join(ARTIFACTS, 'screens'),
        }),
      );
      return browser.open(gateway.ports, window);
    },
    use,
    stranger: (who) => makeAuthority(join(folder, `authority-${(places += 1)}`), who),
  };
}

/** Logs only: sockets, keys and databases are of no use to a reader. */
async function keepLogs(from: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  const names = await readdir(from, { recursive: true });
  for (const name of names.filter((one) => one.endsWith('.log'))) {
    await mkdir(dirname(join(to, name)), { recursive: true });
    await copyFile(join(from, name), join(to, name));
  }
}
