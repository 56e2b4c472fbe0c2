/** The servers that are measured, each started afresh in a process of its own. */
import { join } from 'node:path';
import { type HashCost, newFolder, prepare, removeFolder, writeCertificate } from './configuration.ts';
import type { Account } from './load-app.ts';
import { freePort, ServerProcess } from './server-process.ts';
import { accounts, TEAM } from './population.ts';

export interface Target {
  readonly server: ServerProcess;
  /** `plain`: without TLS. Absent where the server has no such port. */
  readonly ports: { readonly plain?: number; readonly tls: number; readonly web?: number };
  stop(): Promise<void>;
}

export interface TargetKind {
  readonly name: string;
  /** Default: those of `population.ts`. */
  accounts?(count: number): Account[];
  /** With so many staff accounts. */
  start(staff: number): Promise<Target>;
}

const here = import.meta.dirname;
const node = process.execPath;
/** Such as `--cpu-prof`, for the servers that are Node. */
const profile = process.env['BENCH_NODE_FLAGS']?.split(' ').filter(Boolean) ?? [];
const preload = [...profile, '--expose-gc', '--import', join(here, 'collect-on-signal.ts')];

function collectNode(pid: number): void {
  process.kill(pid, 'SIGUSR2');
}

const tenantsFor = (staff: number): number => Math.ceil(staff / TEAM);

/** The program as people start it. */
export async function startGateway(tenants: number, cost: HashCost): Promise<Target> {
  const ports = { xmpp: await freePort(), xmppTls: await freePort(), web: await freePort() };
  const prepared = await prepare(tenants, ports, cost);
  const main = join(here, '../src/main.ts');
  const server = await ServerProcess.start({
    name: 'gateway',
    command: node,
    args: [...preload, main, 'start', '--config', prepared.file],
    ports: [ports.xmppTls, ports.web],
    collect: collectNode,
  });
  return {
    server,
    ports: { tls: ports.xmppTls, web: ports.web },
    async stop() {
      await server.stop();
      await prepared.remove();
    },
  };
}

async function startSecured(tenants: number, flags: readonly string[]): Promise<Target> {
  const plain = await freePort();
  const tls = await freePort();
  const prepared = await prepare(tenants, { xmpp: 0, xmppTls: 0, web: 0 }, 'cheap');
  const server = await ServerProcess.start({
    name: 'gateway',
    command: node,
    args: [...preload, join(here, 'servers/secured-gateway.ts'), prepared.file, String(plain), String(tls), ...flags],
    ports: [plain, tls],
    collect: collectNode,
  });
  return {
    server,
    ports: { plain, tls },
    async stop() {
      await server.stop();
      await prepared.remove();
    },
  };
}

/** Passwords cost nothing, and there is a port without TLS. */
export const gateway: TargetKind = {
  name: 'gateway',
  start: (staff) => startSecured(tenantsFor(staff), ['--no-hash']),
};

export const bareNode: TargetKind = {
  name: 'bare Node',
  async start() {
    const plain = await freePort();
    const tls = await freePort();
    const folder = await newFolder();
    await writeCertificate(folder, ['bench.example']);
    const server = await ServerProcess.start({
      name: 'bare Node',
      command: node,
      args: [...preload, join(here, 'servers/bare-node.ts'), folder, String(plain), String(tls)],
      ports: [plain, tls],
      collect: collectNode,
    });
    return {
      server,
      ports: { plain, tls },
      async stop() {
        await server.stop();
        await removeFolder(folder);
      },
    };
  },
};

export function accountsOf(kind: TargetKind, count: number): Account[] {
  return kind.accounts?.(count) ?? accounts(count);
}
