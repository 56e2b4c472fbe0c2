import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, describe, it } from 'node:test';
import { ManualClock } from '@chat-gateway/runtime';
import { Failure } from './failure.ts';
import { run, type Terminal } from './run.ts';
import type { GatewayOptions } from './start.ts';

const folder = mkdtempSync(join(tmpdir(), 'cli-'));
after(() => {
  rmSync(folder, { recursive: true });
});
let folders = 0;

function terminal(more: Partial<Terminal> = {}) {
  const said: string[] = [];
  const complaints: string[] = [];
  const logged: string[] = [];
  const starts: GatewayOptions[] = [];
  let stops = 0;
  let hashes = 0;
  const surroundings: Terminal = {
    version: '1.2.3',
    clock: new ManualClock(),
    random: (bytes) => new Uint8Array(bytes).map((_, index) => index * 7),
    sink: { write: (line) => void logged.push(line), dropped: 0, close: async () => Promise.resolve() },
    logFormat: 'json',
    color: false,
    say: (text) => void said.push(text),
    complain: (text) => void complaints.push(text),
    stdin: Readable.from([]),
    demoDataDir: join(folder, String(folders++)),
    hashPassword: async (password) => Promise.resolve(`hashed-${hashes++}-${password}`),
    isPasswordHash: (text) => text.startsWith('hashed-'),
    startGateway: async (options) => {
      starts.push(options);
      return Promise.resolve({
        ports: { xmpp: 5222, xmppTls: 5223, web: 8080, webTls: 8443, operations: 9090 },
        fingerprint: 'AB:CD',
        reload: () => undefined,
        stop: async () => {
          stops++;
          return Promise.resolve();
        },
      });
    },
    ...more,
  };
  return { surroundings, said, complaints, logged, starts, stops: () => stops, hashes: () => hashes };
}

const failing = (error: Error): Partial<Terminal> => ({ startGateway: async () => Promise.reject(error) });
const systemError = (code: string, port?: number) => Object.assign(new Error(code), { code, port });

describe('gateway start', () => {
  it('without a configuration runs the demo, whose passwords are made once and are readable by their owner alone', async () => {
    const first = terminal();
    const outcome = await run([], first.surroundings);
    assert.ok('started' in outcome);
    const { config } = first.starts[0] ?? assert.fail('not started');
    assert.deepEqual(
      config.tenants.map(({ domain }) => domain),
      ['localhost'],
    );
    const [tenant] = config.tenants;
    assert.deepEqual(
      tenant?.helpdesk.staff.map(({ username }) => username),
      ['jesse', 'varun'],
    );
    assert.deepEqual(
      tenant?.helpdesk.teams.map(({ name }) => name),
      ['Sales', 'Support'],
    );
    const file = join(first.surroundings.demoDataDir, 'demo-accounts.json');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const kept = JSON.parse(readFileSync(file, 'utf8')) as { password: string; hash: string }[];
    for (const { password } of kept) assert.ok(first.said.join('').includes(password));
    assert.ok(!first.logged.join('').includes(kept[0]?.password ?? 'no password'));

    const second = terminal({ demoDataDir: first.surroundings.demoDataDir });
    await run([], second.surroundings);
    assert.equal(second.hashes(), 0);
    assert.deepEqual(second.starts[0]?.config.tenants, config.tenants);
  });
  it('the demo takes files, under the https address that it listens on', async () => {
    const addressOf = async (argv: string[]) => {
      const { surroundings, starts } = terminal();
      assert.ok('started' in (await run(argv, surroundings)));
      return starts[0]?.config.tenants[0]?.publicUrl;
    };
    assert.equal(await addressOf([]), 'https://localhost:8443');
    assert.equal(await addressOf(['--web-tls-port', '9443']), 'https://localhost:9443');
    assert.equal(await addressOf(['--web-tls-port', '0']), undefined);
  });

  it('gives the gateway a certificate and stops it', async () => {
    const { surroundings, starts, stops } = terminal();
    const outcome = await run([], surroundings);
    assert.ok('started' in outcome);
    assert.match(readFileSync(starts[0]?.config.tls.certificate ?? '', 'utf8'), /BEGIN CERTIFICATE/u);
    await outcome.started.stop();
    assert.equal(stops(), 1);
  });
  it('takes ports, data folder and log level from the command line', async () => {
    const { surroundings, starts } = terminal();
    const dataDir = join(folder, 'elsewhere');
    await run(['--xmpp-port', '0', '--web-port=8081', '--data-dir', dataDir, '--log-level', 'warn'], surroundings);
    const config = starts[0]?.config;
    assert.equal(config?.listeners.xmpp.port, 0);
    assert.equal(config.listeners.web.port, 8081);
    assert.equal(config.listeners.webTls.port, 8443);
    assert.equal(config.dataDir, dataDir);
    assert.equal(config.logLevel, 'warn');
  });

  const failures: Record<string, readonly [error: Error, line: RegExp]> = {
    'a port that is taken': [
      systemError('EADDRINUSE', 5223),
      /^gateway: Port 5223 is taken by another program: .* --xmpp-tls-port N .*\n$/u,
    ],
    'a port that this user must not open': [systemError('EACCES', 8080), /^gateway: .*port 8080: .*--web-port N.*\n$/u],
    'an address that the machine does not have': [systemError('EADDRNOTAVAIL', 5222), /"host" of listeners\.xmpp/u],
    'what a part says in one line': [
      new Failure('The data folder is in use.'),
      /^gateway: The data folder is in use\.\n$/u,
    ],
  };
  for (const [name, [error, line]] of Object.entries(failures)) {
    it(`tells ${name} in one line, with what to do`, async () => {
      const { surroundings, complaints } = terminal(failing(error));
      assert.deepEqual(await run([], surroundings), { status: 1 });
      assert.equal(complaints.length, 1);
      assert.match(complaints.join(''), line);
    });
  }
  it('rejects with what nobody has foreseen', async () => {
    await assert.rejects(run([], terminal(failing(new TypeError('surprise'))).surroundings), TypeError);
  });
  it('tells a data folder that is a file, in one line', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    const { surroundings, complaints } = terminal();
    assert.deepEqual(await run(['--data-dir', file], surroundings), { status: 1 });
    assert.match(complaints.join(''), /^gateway: The data folder .*a-file is no folder.*--data-dir DIR\.\n$/u);
  });
  it('tells a data folder without rights, in one line', async () => {
    let locked = mkdtempSync(join(folder, 'locked-'));
    chmodSync(locked, 0o500);
    // root may write everywhere but where the kernel says no
    if (process.getuid?.() === 0) locked = '/sys/chat-gateway';
    const { surroundings, complaints } = terminal();
    assert.deepEqual(await run(['--data-dir', locked], surroundings), { status: 1 });
    assert.match(complaints.join(''), /^gateway: This user must not write .*\n$/u);
  });
});

describe('gateway with a configuration file', () => {
  const good = `tenants:\n  - domain: acme.example\n    helpdesk: { kind: embedded, teams: [{ id: a, name: A }], staff: [{ username: x, name: X, hash: hashed-x, teams: [a] }] }\n`;
  const written = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const wrong = written('wrong.yaml', 'tenants: [{ domain: "a b" }]\nfoo: 1\n');

  it('starts with it', async () => {
    const { surroundings, starts, said } = terminal();
    const outcome = await run(['--config', written('good.yaml', `dataDir: own-data\n${good}`)], surroundings);
    assert.ok('started' in outcome);
    await outcome.started.stop();
    assert.equal(starts[0]?.tenants.list()[0]?.domain, 'acme.example');
    assert.match(said.join(''), /acme\.example/u);
  });
  for (const argv of [
    ['--config', wrong],
    ['config', 'check', wrong],
  ]) {
    it(`tells every problem and ends with 78: gateway ${argv.slice(0, -1).join(' ')}`, async () => {
      const { surroundings, complaints, starts } = terminal();
      assert.deepEqual(await run(argv, surroundings), { status: 78 });
      assert.match(complaints.join(''), /wrong\.yaml:2:1 {2}foo\n/u);
      assert.match(complaints.join(''), /tenants\[0\]\.helpdesk\n/u);
      assert.match(complaints.join(''), /wrong\.yaml has 2 problems\.\n$/u);
      assert.equal(starts.length, 0);
    });
  }
  it('tells a file that cannot be read in one line and ends with 1', async () => {
    const { surroundings, complaints } = terminal();
    assert.deepEqual(await run(['--config', join(folder, 'no.yaml')], surroundings), { status: 1 });
    assert.match(complaints.join(''), /^gateway: .*no\.yaml, which does not exist; accepted: .*\n$/u);
  });
  it('tells a key that cannot be read in one line and ends with 1', async () => {
    const { surroundings, complaints } = terminal();
    const text = `tls: { certificate: no.crt, key: no.key }\n${good}`;
    assert.deepEqual(await run(['--config', written('no-key.yaml', text)], surroundings), { status: 1 });
    assert.match(
      complaints.join(''),
      /^gateway: tls\.certificate: .*no\.crt.*\ngateway: tls\.key: .*no\.key, which does not exist.*\n$/u,
    );
  });
  it('says when a file is right', async () => {
    const { surroundings, said } = terminal();
    assert.deepEqual(await run(['config', 'check', written('right.yaml', good)], surroundings), { status: 0 });
    assert.match(said.join(''), /is right\. Tenants: 1, staff users: 1\./u);
  });
});

describe('gateway staff hash', () => {
  const hashOf = async (input: string | Buffer) => {
    const one = terminal({ stdin: Readable.from([Buffer.from(input)]) });
    return { outcome: await run(['staff', 'hash'], one.surroundings), ...one };
  };
  it('prints the hash of the first line of its input, and nothing else', async () => {
    for (const input of ['hunter2', 'hunter2\n', 'hunter2\r\nmore\n']) {
      const { outcome, said, complaints } = await hashOf(input);
      assert.deepEqual(outcome, { status: 0 });
      assert.deepEqual(said, ['hashed-0-hunter2\n']);
      assert.deepEqual(complaints, []);
    }
  });
  it('keeps blanks and every script', async () => {
    assert.deepEqual((await hashOf(' пароль 密码 \n')).said, ['hashed-0- пароль 密码 \n']);
  });
  it('makes no hash of nothing, of too much, and of bytes that are no text', async () => {
    for (const input of ['', '\n', 'x'.repeat(2_000), Buffer.from([0xff, 0xfe])]) {
      const { outcome, said, complaints } = await hashOf(input);
      assert.deepEqual(outcome, { status: 1 });
      assert.deepEqual(said, []);
      assert.match(complaints.join(''), /no hash was made/u);
    }
  });

  /** A terminal that is typed at: the text up to each line's end is given when it is asked for. */
  function keyboard(typed: string[]) {
    const raw: boolean[] = [];
    const input = Object.assign(new Readable({ read: () => undefined }), {
      isTTY: true as const,
      setRawMode: (on: boolean) => raw.push(on),
    });
    const asked: string[] = [];
    const complain = (text: string) => {
      asked.push(text);
      if (text.endsWith(': ')) setImmediate(() => input.push(typed.shift() ?? '\u0003'));
    };
    return { input: input as unknown as Terminal['stdin'], asked, raw, complain };
  }
  it('asks twice at a terminal and shows nothing of what is typed', async () => {
    const { input, asked, raw, complain } = keyboard(['huntex\u007fr2\r', 'hunter2\r']);
    const { surroundings, said } = terminal({ stdin: input, complain });
    assert.deepEqual(await run(['staff', 'hash'], surroundings), { status: 0 });
    assert.deepEqual(said, ['hashed-0-hunter2\n']);
    assert.deepEqual(asked, ['Password: ', '\n', 'The same again: ', '\n']);
    assert.deepEqual(raw, [true, false, true, false]);
  });
  it('makes no hash when the two are not the same, or of Ctrl+C', async () => {
    for (const typed of [['hunter2\r', 'hunter3\r'], ['\u0003'], ['x\u0015\r', '\r']]) {
      const { input, raw, complain } = keyboard(typed);
      const { surroundings, said } = terminal({ stdin: input, complain });
      assert.deepEqual(await run(['staff', 'hash'], surroundings), { status: 1 });
      assert.deepEqual(said, []);
      assert.equal(raw.at(-1), false);
    }
  });
});

describe('gateway', () => {
  it('says its version, and helps', async () => {
    const { surroundings, said } = terminal();
    assert.deepEqual(await run(['--version'], surroundings), { status: 0 });
    assert.deepEqual(await run(['--help'], surroundings), { status: 0 });
    assert.equal(said[0], '1.2.3\n');
    for (const line of said[1]?.split('\n') ?? []) assert.ok(line.length <= 80, line);
  });
  it('ends with 64 on wrong usage, with a hint', async () => {
    const { surroundings, complaints } = terminal();
    assert.deepEqual(await run(['--web-prot', '1'], surroundings), { status: 64 });
    assert.match(complaints.join(''), /^gateway: unknown option --web-prot\. Did you mean --web-port\?.*\n$/u);
  });
});
