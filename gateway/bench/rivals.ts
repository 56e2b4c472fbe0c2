/**
 * Other servers, where they are installed (`apt-get install prosody ejabberd`): with the features that the gateway
 * has too, without rosters, without password hashes, with the same certificate.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newFolder, removeFolder, writeCertificate } from './configuration.ts';
import type { Account } from './load-app.ts';
import { PASSWORD } from './population.ts';
import { freePort, ServerProcess } from './server-process.ts';
import type { Target, TargetKind } from './targets.ts';

const DOMAIN = 'load.example';

function accounts(count: number): Account[] {
  return Array.from({ length: count }, (_, at) => ({ username: `staff${at}`, domain: DOMAIN, password: PASSWORD }));
}

function target(server: ServerProcess, folder: string, plain: number, tls: number): Target {
  return {
    server,
    ports: { plain, tls },
    async stop() {
      await server.stop();
      await removeFolder(folder);
    },
  };
}

const prosody: TargetKind = {
  name: 'Prosody',
  accounts,
  async start(staff) {
    const [plain, tls] = [await freePort(), await freePort()];
    const folder = await newFolder();
    const { certificate, key } = await writeCertificate(folder, [DOMAIN]);
    const users = join(folder, 'data', DOMAIN.replaceAll('.', '%2e'), 'accounts');
    await mkdir(users, { recursive: true });
    for (const { username } of accounts(staff)) {
      await writeFile(join(users, `${username}.dat`), `return { ["password"] = "${PASSWORD}"; };\n`);
    }
    const file = join(folder, 'prosody.cfg.lua');
    const ssl = `{ certificate = "${certificate}"; key = "${key}" }`;
    await writeFile(
      file,
      `run_as_root = true
data_path = "${join(folder, 'data')}"
pidfile = "${join(folder, 'prosody.pid')}"
log = { { levels = { min = "error" }, to = "console" } }
interfaces = { "127.0.0.1" }
c2s_ports = { ${plain} }
c2s_direct_tls_ports = { ${tls} }
s2s_ports = { }
ssl = ${ssl}
c2s_ssl = ${ssl}
c2s_direct_tls_ssl = ${ssl}
modules_enabled = { "disco", "roster", "saslauth", "tls", "carbons", "smacks", "csi_simple", "ping", "time", "version", "private" }
modules_disabled = { "s2s", "offline" }
authentication = "internal_plain"
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
VirtualHost "${DOMAIN}"
`,
    );
    const server = await ServerProcess.start({
      name: 'Prosody',
      command: 'prosody',
      args: ['--config', file, '-F'],
      ports: [plain, tls],
    });
    return target(server, folder, plain, tls);
  },
};

const EJABBERD = '/usr/lib/x86_64-linux-gnu/ejabberd-23.01/ebin';

const ejabberd: TargetKind = {
  name: 'ejabberd',
  accounts,
  async start() {
    const [plain, tls] = [await freePort(), await freePort()];
    const folder = await newFolder();
    const { certificate, key } = await writeCertificate(folder, [DOMAIN]);
    const pem = join(folder, 'bench.pem');
    await writeFile(pem, (await readFile(certificate, 'utf8')) + (await readFile(key, 'utf8')));
    const listener = (port: number, secured: boolean) => ({
      port,
      ip: '127.0.0.1',
      module: 'ejabberd_c2s',
      access: 'all',
      max_stanza_size: 262_144,
      ...(secured ? { tls: true } : {}),
    });
    const config = {
      hosts: [DOMAIN],
      certfiles: [pem],
      loglevel: 'error',
      // any password is right
      auth_method: ['anonymous'],
      anonymous_protocol: 'login_anon',
      allow_multiple_connections: true,
      listen: [listener(plain, false), listener(tls, true)],
      modules: {
        mod_disco: {},
        mod_roster: {},
        mod_carboncopy: {},
        mod_stream_mgmt: {},
        mod_client_state: {},
        mod_ping: {},
        mod_time: {},
        mod_version: {},
        mod_private: {},
      },
    };
    const file = join(folder, 'ejabberd.yml');
    await writeFile(file, JSON.stringify(config));
    const server = await ServerProcess.start({
      name: 'ejabberd',
      command: 'erl',
      // schedulers that wait for work by spinning would count as work
      args: `+K true +sbwt none +sbwtdcpu none +sbwtdio none -noinput -pa ${EJABBERD} -mnesia dir "${folder}/mnesia" -s ejabberd`.split(
        ' ',
      ),
      env: {
        HOME: folder,
        ERL_LIBS: '/usr/lib/x86_64-linux-gnu',
        EJABBERD_CONFIG_PATH: file,
        EJABBERD_LOG_PATH: join(folder, 'ejabberd.log'),
      },
      ports: [plain, tls],
    });
    return target(server, folder, plain, tls);
  },
};

export function installedRivals(): TargetKind[] {
  return [...(existsSync('/usr/bin/prosody') ? [prosody] : []), ...(existsSync(EJABBERD) ? [ejabberd] : [])];
}
