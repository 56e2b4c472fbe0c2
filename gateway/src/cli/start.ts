import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { type Clock, createLogger, type LineSink, type Logger } from '@chat-gateway/runtime';
import { type ConfigWatch, watchConfig } from '../config/config-watch.ts';
import { loadConfigFile } from '../config/file-source.ts';
import { LiveTenants } from '../config/live-tenants.ts';
import type { CertificateConfig, Config } from '../config/schema.ts';
import { keptSelfSigned } from '../config/self-signed.ts';
import type { Overrides } from './arguments.ts';
import { prepareDataFolder } from './data-folder.ts';
import { type Demo, demo } from './demo.ts';
import { type ListeningOn, screen } from './screen.ts';

/** The gateway as the command line starts it. */
export interface Running {
  readonly ports: ListeningOn;
  /** SHA-256 of the certificate for the gateway's own name. */
  readonly fingerprint: string;
  /** Reads certificates again. */
  reload(): void;
  stop(): Promise<void>;
}

export interface GatewayOptions {
  /** `tls` is always there. */
  readonly config: Config & { readonly tls: CertificateConfig };
  readonly tenants: LiveTenants;
  readonly clock: Clock;
  readonly log: Logger;
  readonly version: string;
}

/** What the command line has from its surroundings. */
export interface Surroundings {
  readonly version: string;
  readonly clock: Clock;
  readonly random: (bytes: number) => Uint8Array;
  /** Where log lines go. */
  readonly sink: LineSink;
  readonly logFormat: 'json' | 'pretty' | 'color';
  /** Of standard output. */
  readonly color: boolean;
  readonly say: (text: string) => void;
  /** The data folder of the demo. */
  readonly demoDataDir: string;
  readonly hashPassword: (password: string) => Promise<string>;
  readonly isPasswordHash: (text: string) => boolean;
  readonly startGateway: (options: GatewayOptions) => Promise<Running>;
}

export interface Started {
  readonly log: Logger;
  /** Reads the configuration file and certificates again. */
  reload(): Promise<void>;
  stop(): Promise<void>;
}

/** How often a self-made certificate is looked at: it is made anew 30 days before it ends. */
const TWICE_A_DAY = 43_200_000;

function overridden(config: Config, { dataDir, logLevel, ports }: Overrides): Config {
  const listeners = { ...config.listeners };
  for (const [name, port] of Object.entries(ports) as [keyof Config['listeners'], number][])
    Object.assign(listeners, { [name]: { ...listeners[name], port, enabled: true } });
  return {
    ...config,
    listeners,
    ...(dataDir === undefined ? {} : { dataDir: resolve(dataDir) }),
    ...(logLevel === undefined ? {} : { logLevel }),
  };
}

/** The configuration to run with: the file's, or the demo's; errors of it are told with the configuration. */
export async function configurationFor(
  file: string | undefined,
  overrides: Overrides,
  from: Surroundings,
): Promise<{ readonly config: Config; readonly demo?: Demo }> {
  if (file !== undefined) return { config: overridden(await loadConfigFile(file, from), overrides) };
  const dataDir = overrides.dataDir === undefined ? from.demoDataDir : resolve(overrides.dataDir);
  await prepareDataFolder(dataDir);
  const made = await demo({ dataDir, hashPassword: from.hashPassword, random: from.random });
  return { config: withAddress(overridden(made.config, overrides)), demo: made };
}

/** The demo has an address for browsers where it can be known before it listens: so it takes files. */
function withAddress(config: Config): Config {
  const { enabled, port } = config.listeners.webTls;
  if (!enabled || port === 0) return config;
  const publicUrl = `https://localhost:${port}`;
  return { ...config, tenants: config.tenants.map((tenant) => ({ ...tenant, publicUrl })) };
}

/** Starts everything and says so. Rejects with what `explainFailure` explains. */
export async function start(
  {
    config,
    demo: demoMade,
    file,
    overrides,
  }: {
    readonly config: Config;
    readonly demo?: Demo;
    readonly file?: string;
    readonly overrides: Overrides;
  },
  from: Surroundings,
): Promise<Started> {
  const { clock, sink, logFormat } = from;
  const log = createLogger({ level: config.logLevel, sink, clock, format: logFormat });
  await prepareDataFolder(config.dataDir);

  const names = [
    ...new Set([
      config.hostName,
      ...config.tenants.map(({ domain }) => domain),
      'localhost',
      hostname(),
      '127.0.0.1',
      '::1',
    ]),
  ].slice(0, 100);
  const ownCertificate = async () =>
    keptSelfSigned({ folder: join(config.dataDir, 'tls'), names, now: clock.now(), log });
  const tls = config.tls ?? (await ownCertificate());
  let cancelRenewal = () => {};
  const renew = () => {
    cancelRenewal = clock.after(TWICE_A_DAY, () => {
      ownCertificate()
        .catch((error: unknown) => {
          log.error({ err: error }, 'the self-signed certificate could not be renewed');
        })
        .finally(renew);
    });
  };

  const tenants = new LiveTenants(config.tenants);
  const running = await from.startGateway({ config: { ...config, tls }, tenants, clock, log, version: from.version });
  if (config.tls === undefined) renew();
  const watch: ConfigWatch | undefined =
    file === undefined
      ? undefined
      : await watchConfig({
          file,
          running: config,
          load: async () => overridden(await loadConfigFile(file, from), overrides),
          tenants,
          clock,
          log,
        });

  from.say(
    screen({
      version: from.version,
      ports: running.ports,
      fingerprint: running.fingerprint,
      selfSigned: config.tls === undefined,
      hostName: config.hostName,
      dataDir: config.dataDir,
      machine: hostname(),
      color: from.color,
      tenants: tenants.list().map(({ domain }) => domain),
      ...(demoMade === undefined ? {} : { accounts: demoMade.accounts }),
    }),
  );
  // at a terminal the screen says it better
  if (logFormat === 'json')
    log.info({ version: from.version, ports: running.ports, tenants: tenants.list().length }, 'started');

  return {
    log,
    async reload() {
      running.reload();
      await watch?.reload();
    },
    async stop() {
      cancelRenewal();
      watch?.stop();
      await running.stop();
    },
  };
}
