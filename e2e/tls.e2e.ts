/** What `npm start` shows to those who look for weak TLS: sslscan, and openssl for what it does not try. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, after, describe, it } from 'node:test';
import { freePorts } from './support/ports.ts';
import { bareEnvironment, type Program, start } from './support/program.ts';
import { until } from './support/wait.ts';

const MAIN = join(import.meta.dirname, '..', 'gateway', 'src', 'main.ts');

let folder = '';
let gateway: Program | undefined;
let ports = { starttls: 0, direct: 0 };

/** What a program says; most of these are asked to fail. Its input is held open until it has done what is waited for. */
function output(command: string, args: readonly string[], isDone?: () => Promise<boolean>): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(command, args, { timeout: 60_000 }, (_error, stdout, stderr) => {
      resolve(stdout + stderr);
    });
    const done = isDone === undefined ? Promise.resolve(true) : until(`${command} has done its work`, isDone);
    done.then(() => child.stdin?.end(), reject);
  });
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chat-gateway-tls-'));
  const [starttls = 0, direct = 0, web = 0, webTls = 0, operations = 0] = await freePorts(5);
  ports = { starttls, direct };
  const options = { '--xmpp-port': starttls, '--xmpp-tls-port': direct, '--web-port': web, '--web-tls-port': webTls };
  gateway = start(
    [
      process.execPath,
      ...[MAIN, '--data-dir', join(folder, 'data'), '--operations-port', String(operations)],
      ...Object.entries(options).flatMap(([name, port]) => [name, String(port)]),
    ],
    { env: bareEnvironment(folder), cwd: folder, log: join(folder, 'log') },
  );
  await until('the gateway is ready', async () => {
    const response = await fetch(`http://127.0.0.1:${operations}/readyz`).catch(() => undefined);
    await response?.arrayBuffer();
    return response?.status === 200;
  });
});
after(async () => {
  await gateway?.kill();
  await rm(folder, { recursive: true, force: true });
});

const CIPHERS = /^(?:Preferred|Accepted) +(\S+) +(\d+) bits +(\S+)/gmu;
/** Forward secrecy and authenticated encryption, nothing else. */
const STRONG =
  /^(?:TLS_AES_(?:128_GCM_SHA256|256_GCM_SHA384)|TLS_CHACHA20_POLY1305_SHA256|ECDHE-ECDSA-.*(?:GCM|POLY1305).*)$/u;

const transports = {
  STARTTLS: { port: 'starttls', options: ['--starttls-xmpp'] },
  'direct TLS': { port: 'direct', options: [] },
} as const;

for (const [name, { port, options }] of Object.entries(transports)) {
  describe(`sslscan over ${name}`, () => {
    let scan = '';
    before(async () => {
      scan = await output('sslscan', ['--no-colour', '--show-sigs', ...options, `localhost:${ports[port]}`]);
    });

    it('B08 finds TLS 1.2 and 1.3, and nothing older', () => {
      for (const version of ['SSLv2', 'SSLv3', 'TLSv1.0', 'TLSv1.1'])
        assert.match(scan, new RegExp(`^${version.replace('.', '\\.')} +disabled$`, 'mu'), scan);
      for (const version of ['TLSv1.2', 'TLSv1.3'])
        assert.match(scan, new RegExp(`^${version.replace('.', '\\.')} +enabled$`, 'mu'), scan);
    });
    it('B08 finds only ciphers with forward secrecy and authentication', () => {
      const ciphers = [...scan.matchAll(CIPHERS)].map(([, , bits, cipher = '']) => ({ bits: Number(bits), cipher }));
      assert.equal(ciphers.length, 6, scan);
      for (const { bits, cipher } of ciphers) assert.ok(bits >= 128 && STRONG.test(cipher), cipher);
    });
    it('finds only groups of curves, none of them weak or dear', () => {
      const groups = scan.split('Server Key Exchange Group(s):')[1]?.split('\n\n')[0] ?? '';
      assert.match(groups, /x25519/u);
      assert.doesNotMatch(groups, /ffdhe|x448|secp521r1|192r1|224r1/u);
    });
    it('B12 finds no renegotiation', () => {
      assert.match(scan, /^Session renegotiation not supported$/mu);
    });
    it('finds protection against downgrades, and no Heartbleed', () => {
      assert.match(scan, /^Server supports TLS Fallback SCSV$/mu);
      assert.equal([...scan.matchAll(/not vulnerable to heartbleed/gu)].length, 2);
      assert.doesNotMatch(scan, /[^t] vulnerable/u);
    });
    it('finds an ECDSA certificate on P-256, signed with SHA-256', () => {
      assert.match(scan, /^Signature Algorithm: ecdsa-with-SHA256$/mu);
      assert.match(scan, /^ECC Curve Name: +prime256v1$/mu);
      assert.doesNotMatch(scan, /md5|sha1(?!\d)/iu);
    });
  });
}

describe('openssl', () => {
  const connect = (...more: string[]): string[] => [
    's_client',
    ...['-connect', `localhost:${ports.direct}`, '-servername', 'localhost'],
    ...more,
  ];
  it('gets no compression', async () => {
    assert.match(await output('openssl', connect('-tls1_2', '-comp')), /^Compression: NONE$/mu);
  });
  it('B13 gets tickets that allow no early data, and sends none', async () => {
    const session = join(folder, 'session');
    const early = join(folder, 'early');
    await writeFile(early, '<stream:stream>');
    // a ticket comes after the handshake
    const hasTicket = async () => (await stat(session).catch(() => undefined))?.size !== undefined;
    const first = await output('openssl', connect('-tls1_3', '-sess_out', session), hasTicket);
    assert.match(first, /^New, TLSv1\.3/mu);
    const again = await output('openssl', connect('-tls1_3', '-sess_in', session, '-early_data', early));
    assert.match(again, /^Reused, TLSv1\.3/mu);
    assert.match(again, /^Early data was not sent$/mu);
  });
  it('is refused with the ALPN of another protocol', async () => {
    assert.match(await output('openssl', connect('-alpn', 'http/1.1')), /no application protocol/u);
    assert.match(await output('openssl', connect('-alpn', 'xmpp-client')), /^ALPN protocol: xmpp-client$/mu);
  });
});
