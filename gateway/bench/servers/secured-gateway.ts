/**
 * The gateway's parts with a port whose connections count as secured already, so that TLS can be told from the rest;
 * and with `--no-hash`, where every password is right at once. Arguments: configuration, plain port, TLS port.
 */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createLogger, fileSink, systemClock } from '@chat-gateway/runtime';
import { createMemoryBus } from '../../src/bus/memory-bus.ts';
import { createXmppListener } from '../../src/c2s/listener.ts';
import { TlsContexts } from '../../src/c2s/tls-contexts.ts';
import { readFileSync } from 'node:fs';
import { LiveTenants } from '../../src/config/live-tenants.ts';
import { configSchema } from '../../src/config/schema.ts';
import { createSqliteCheckpoints } from '../../src/connectors/embedded/store/sqlite-checkpoints.ts';
import { openSqlite } from '../../src/connectors/embedded/store/sqlite-database.ts';
import { createSqliteStore } from '../../src/connectors/embedded/store/sqlite-store.ts';
import { createCore } from '../../src/core.ts';
import type { StaffId } from '../../src/helpdesk/model.ts';

const [file = '', plainPort = '', tlsPort = '', ...flags] = process.argv.slice(2);
const config = configSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
if (config.tls === undefined) throw new Error('no certificate');
const clock = systemClock;
const log = createLogger({ level: 'warn', sink: fileSink(process.stderr.fd), clock, format: 'json' });
const random = (bytes: number): string => randomBytes(bytes).toString('hex');
const tenants = new LiveTenants(config.tenants);
const { hostName, limits } = config;
const contexts = new TlsContexts({ tenants, hostName, fallback: config.tls, clock, log, random: randomBytes });
const database = openSqlite(join(config.dataDir, 'gateway.sqlite'));
const bus = createMemoryBus({ clock, log, checkpoints: createSqliteCheckpoints(database), random });
const core = await createCore({
  pod: 'this',
  hostName,
  tenants,
  bus,
  store: createSqliteStore(database),
  clock,
  log,
  random,
  limits,
  version: 'bench',
  contexts,
  wrapLogins: (logins) =>
    flags.includes('--no-hash')
      ? {
          canonical: (username) => logins.canonical(username),
          verify: (username) => Promise.resolve({ staff: username as StaffId, username }),
        }
      : logins,
});
await bus.setTenants(tenants.list().map(({ id }) => id));

const plain = createServer({ noDelay: true, keepAlive: true }, (socket) => {
  core.edge.accept(socket, { remoteAddress: socket.remoteAddress, transport: 'secured' });
});
plain.listen(Number(plainPort), '127.0.0.1');
const tls = createXmppListener({ edge: core.edge, log });
await tls.listen({ host: '127.0.0.1', port: Number(tlsPort), transport: 'direct-tls' });
process.once('SIGTERM', () => process.exit(0));
