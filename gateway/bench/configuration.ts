/** The configuration that a gateway is measured with, in a folder of its own. */
import { randomBytes, scryptSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { z } from 'zod';
import type { CertificateConfig, configSchema } from '../src/config/schema.ts';
import { makeSelfSigned } from '../src/config/self-signed.ts';
import { hashPassword } from '../src/connectors/embedded/staff/password-hash.ts';
import { domainOf, PASSWORD, TEAM, usernameOf } from './population.ts';

export interface Ports {
  readonly xmpp: number;
  readonly xmppTls: number;
  readonly web: number;
}

export interface Prepared {
  readonly folder: string;
  /** The file, for `gateway start --config`. */
  readonly file: string;
  readonly tls: CertificateConfig;
  remove(): Promise<void>;
}

/** What a password check costs: `real` as `gateway staff hash` makes it, `cheap` where logins are not measured. */
export type HashCost = 'real' | 'cheap';

function cheapHash(): string {
  const salt = randomBytes(16);
  const text = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');
  return `$scrypt$ln=10,r=1,p=1$${text(salt)}$${text(scryptSync(PASSWORD, salt, 32, { N: 1024, r: 1, p: 1 }))}`;
}

/** ECDSA P-256, as the gateway makes it for itself: all servers show the same. */
export async function writeCertificate(folder: string, names: readonly string[]): Promise<CertificateConfig> {
  const files = { certificate: join(folder, 'bench.crt'), key: join(folder, 'bench.key') };
  const pair = await makeSelfSigned({ names, now: Date.now() });
  await writeFile(files.certificate, pair.certificate);
  await writeFile(files.key, pair.key);
  return files;
}

export async function newFolder(): Promise<string> {
  return await mkdtemp(join(tmpdir(), 'gateway-bench-'));
}

export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}

export async function prepare(tenants: number, ports: Ports, cost: HashCost): Promise<Prepared> {
  const folder = await newFolder();
  const hash = cost === 'real' ? await hashPassword(PASSWORD) : cheapHash();
  const staff = Array.from({ length: TEAM }, (_, member) => ({
    username: usernameOf(member),
    name: `Staff ${member}`,
    hash,
    teams: ['sales'],
  }));
  const tls = await writeCertificate(folder, ['bench.example', domainOf(0)]);
  const on = (port: number) => ({ host: '127.0.0.1', port });
  const config: z.input<typeof configSchema> = {
    dataDir: folder,
    hostName: 'bench.example',
    tls,
    listeners: {
      xmpp: on(ports.xmpp),
      xmppTls: on(ports.xmppTls),
      web: on(ports.web),
      webTls: { enabled: false },
      operations: { enabled: false },
    },
    // every visitor of the load is another address, as behind a proxy
    trustedProxies: ['127.0.0.0/8'],
    logLevel: 'warn',
    limits: {
      connectionsPerAddress: 20_000,
      visitorStartsPerMinute: 1_000,
      waitingChatsPerTenant: 1_000,
    },
    tenants: Array.from({ length: tenants }, (_, tenant) => ({
      domain: domainOf(tenant),
      helpdesk: {
        kind: 'embedded',
        teams: [{ id: 'sales', name: 'Sales' }],
        staff,
        ring: { strategy: 'round-robin', maxChats: 100 },
      },
    })),
  };
  // JSON is YAML
  const file = join(folder, 'gateway.yaml');
  await writeFile(file, JSON.stringify(config));
  return { folder, file, tls, remove: () => removeFolder(folder) };
}
