/** The real gateway on real ports of this machine, with three tenants and a clock that stands still. */
import { randomBytes, scryptSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Logger, ManualClock } from '@chat-gateway/runtime';
import { LiveTenants } from '../../src/config/live-tenants.ts';
import { type CertificateConfig, configSchema } from '../../src/config/schema.ts';
import { makeSelfSigned } from '../../src/config/self-signed.ts';
import { startGateway } from '../../src/gateway.ts';

export const HOST = 'chat.example';
export const ACME = 'acme.example';
/** Has a certificate of its own. */
export const OTHER = 'other.example';
export const SUSPENDED = 'suspended.example';
export const PASSWORD = 'correct horse';

export interface GatewayOnPorts {
  readonly xmpp: number;
  readonly xmppTls: number;
  readonly clock: ManualClock;
  /** Every log line, as text. */
  readonly logged: string[];
  /** Certificate files of {@link OTHER}. */
  readonly certificate: CertificateConfig;
  stop(): Promise<void>;
}

/** Cheap to check: these tests log in often. */
function cheapHash(password: string): string {
  const salt = randomBytes(16);
  const hash = scryptSync(password, salt, 32, { N: 1024, r: 1, p: 1 });
  const text = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');
  return `$scrypt$ln=10,r=1,p=1$${text(salt)}$${text(hash)}`;
}

function recorder(lines: string[]): Logger {
  const at = (level: string) => (facts: Readonly<Record<string, unknown>>, message: string) => {
    const { err } = facts;
    lines.push(`${level} ${message} ${JSON.stringify(facts)} ${err instanceof Error ? (err.stack ?? '') : ''}`);
  };
  const log: Logger = {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: () => log,
  };
  return log;
}

async function certificateFor(folder: string, names: readonly string[], now: number): Promise<CertificateConfig> {
  const pair = await makeSelfSigned({ names, now });
  const [first = ''] = names;
  const files = { certificate: join(folder, `${first}.crt`), key: join(folder, `${first}.key`) };
  await writeFile(files.certificate, pair.certificate);
  await writeFile(files.key, pair.key);
  return files;
}

export interface GatewayOptions {
  /** Of a balancer on this machine, whose connections begin with a PROXY header. */
  readonly balancer?: string;
  readonly limits?: { readonly connectionsPerAddress?: number };
}

export async function openGateway({ balancer, limits = {} }: GatewayOptions = {}): Promise<GatewayOnPorts> {
  const folder = await mkdtemp(join(tmpdir(), 'gateway-wire-'));
  const clock = new ManualClock();
  const logged: string[] = [];
  const staff = (username: string) => ({
    username,
    name: username,
    hash: cheapHash(PASSWORD),
    teams: ['sales'],
  });
  const helpdesk = {
    kind: 'embedded',
    teams: [{ id: 'sales', name: 'Sales' }],
    staff: [staff('jesse'), staff('varun'), { ...staff('gone'), disabled: true }],
  };
  const port = { host: '127.0.0.1', port: 0 };
  const xmppPort = { ...port, proxyProtocol: balancer !== undefined };
  const certificate = await certificateFor(folder, [OTHER], clock.now());
  const config = configSchema.parse({
    dataDir: folder,
    hostName: HOST,
    listeners: {
      xmpp: xmppPort,
      xmppTls: xmppPort,
      web: { ...port, enabled: false },
      webTls: { ...port, enabled: false },
      operations: { ...port, enabled: false },
    },
    trustedProxies: balancer === undefined ? [] : [balancer],
    limits,
    tenants: [
      { domain: ACME, helpdesk },
      { domain: OTHER, helpdesk, tls: certificate },
      { domain: SUSPENDED, helpdesk, suspended: true },
    ],
  });
  const tls = await certificateFor(folder, [HOST, ACME], clock.now());
  const gateway = await startGateway({
    config: { ...config, tls },
    tenants: new LiveTenants(config.tenants),
    clock,
    log: recorder(logged),
    version: 'test',
  });
  const { xmpp, xmppTls } = gateway.ports;
  if (xmpp === null || xmppTls === null) throw new Error('no ports');
  return {
    xmpp,
    xmppTls,
    clock,
    logged,
    certificate,
    async stop() {
      // sockets are closed in batches, by the clock
      let isStopped = false;
      const stopped = gateway.stop().then(() => {
        isStopped = true;
      });
      while (!isStopped) await clock.advance(1000);
      await stopped;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
