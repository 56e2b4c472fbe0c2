import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';

const main = join(import.meta.dirname, 'main.ts');
const folder = mkdtempSync(join(tmpdir(), 'main-'));
const children = new Set<ChildProcess>();
after(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

const anyPorts = ['--xmpp-port', '--xmpp-tls-port', '--web-port', '--web-tls-port', '--operations-port'].flatMap(
  (option) => [option, '0'],
);

interface Options {
  readonly stdin?: string;
  readonly stderr?: number;
}

/** Runs the program; `said` and `logged` grow while it runs. */
function program(argv: readonly string[], { stdin, stderr }: Options = {}) {
  const child = spawn(process.execPath, [main, ...argv], {
    stdio: [stdin === undefined ? 'ignore' : 'pipe', 'pipe', stderr ?? 'pipe'],
  });
  children.add(child);
  const output = { said: '', logged: '' };
  const grown = new EventTarget();
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output.said += text;
    grown.dispatchEvent(new Event('grown'));
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output.logged += text;
    grown.dispatchEvent(new Event('grown'));
  });
  child.stdin?.end(stdin);
  const end = once(child, 'close').then(([code]) => {
    children.delete(child);
    return code as number | null;
  });
  const until = async (isSo: () => boolean) => {
    while (!isSo())
      await Promise.race([
        once(grown, 'grown'),
        end.then(() => assert.ok(isSo(), `it ended: ${output.said}${output.logged}`)),
      ]);
  };
  const ports = () =>
    (
      JSON.parse(output.logged.split('\n').find((line) => line.includes('"started"')) ?? '{}') as {
        ports: Record<string, number>;
      }
    ).ports;
  return { child, output, end, until, ports };
}

const demoIn = (name: string) => ['--data-dir', join(folder, name), ...anyPorts];

describe('the program', () => {
  it('runs the demo, answers on its ports, and ends with 0 on SIGTERM', async () => {
    const gateway = program(demoIn('demo'));
    await gateway.until(() => gateway.output.logged.includes('"started"'));
    const ports = gateway.ports();
    assert.match(gateway.output.said, /jesse@localhost/u);
    assert.equal((await fetch(`http://127.0.0.1:${ports['operations']}/readyz`)).status, 200);
    const page = await fetch(`http://localhost:${ports['web']}/`);
    assert.match(page.headers.get('content-type') ?? '', /text\/html/u);
    await page.text();
    const app = connect(ports['xmpp'] ?? 0, '127.0.0.1');
    app.write(
      "<stream:stream to='localhost' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>",
    );
    const [answer] = (await once(app, 'data')) as [Buffer];
    assert.match(answer.toString(), /<stream:stream .*from='localhost'/u);
    gateway.child.kill('SIGTERM');
    assert.equal(await gateway.end, 0);
    app.destroy();
    assert.match(gateway.output.logged, /"stopped"/u);
  });

  it('keeps a second gateway out of its data folder, with one line', async () => {
    const gateway = program(demoIn('shared'));
    await gateway.until(() => gateway.output.logged.includes('"started"'));
    const second = program(demoIn('shared'));
    assert.equal(await second.end, 1);
    assert.match(second.output.logged, /^gateway: .*in use.*\n$/u);
    gateway.child.kill('SIGKILL');
    await gateway.end;
    const third = program(demoIn('shared'));
    await third.until(() => third.output.logged.includes('"started"'));
    third.child.kill('SIGINT');
    assert.equal(await third.end, 0, 'a killed gateway leaves no lock behind');
  });

  it('tells a port that is taken, with one line', async () => {
    const gateway = program(demoIn('first'));
    await gateway.until(() => gateway.output.logged.includes('"started"'));
    const taken = gateway.ports()['web'];
    const second = program([
      ...demoIn('second').filter((_, index, all) => all[index - 1] !== '--web-port' && all[index] !== '--web-port'),
      '--web-port',
      String(taken),
    ]);
    assert.equal(await second.end, 1);
    assert.match(second.output.logged, new RegExp(`^gateway: Port ${taken} is taken .*--web-port N.*\\n$`, 'u'));
    gateway.child.kill('SIGTERM');
    await gateway.end;
  });

  it('ends with 78 on a configuration with problems, with 64 on wrong usage', async () => {
    const file = join(folder, 'wrong.yaml');
    writeFileSync(file, 'tenants: 1\n');
    const wrong = program(['--config', file]);
    assert.equal(await wrong.end, 78);
    assert.match(wrong.output.logged, /wrong\.yaml:1:10 {2}tenants\n/u);
    assert.equal(await program(['--frobnicate']).end, 64);
  });

  it('takes over a changed configuration on SIGHUP', async () => {
    const file = join(folder, 'live.yaml');
    const tenant = (domain: string) =>
      `  - { domain: ${domain}, helpdesk: { kind: embedded, teams: [{ id: a, name: A }], staff: [] } }\n`;
    writeFileSync(file, `dataDir: live\ntenants:\n${tenant('a.example')}`);
    const gateway = program(['--config', file, ...anyPorts]);
    await gateway.until(() => gateway.output.logged.includes('"started"'));
    writeFileSync(file, `dataDir: live\ntenants:\n${tenant('a.example')}${tenant('b.example')}`);
    gateway.child.kill('SIGHUP');
    await gateway.until(() => gateway.output.logged.includes('"added":1'));
    gateway.child.kill('SIGTERM');
    assert.equal(await gateway.end, 0);
  });

  it('prints the hash of a password that comes by a pipe', async () => {
    const hash = program(['staff', 'hash'], { stdin: 'hunter2\n' });
    assert.equal(await hash.end, 0);
    assert.match(hash.output.said, /^\$argon2id\$\S+\n$/u);
    assert.equal(hash.output.logged, '');
  });

  it('runs and stops when nobody reads its log', async () => {
    const pipe = join(folder, 'log');
    execFileSync('mkfifo', [pipe]);
    const descriptor = openSync(pipe, 'r+');
    // more than a pipe holds, before the program begins
    const filler = spawn(process.execPath, ['-e', 'require("fs").writeSync(2, Buffer.alloc(1 << 20, 120))'], {
      stdio: ['ignore', 'ignore', descriptor],
    });
    children.add(filler);
    const gateway = program(demoIn('unread'), { stderr: descriptor });
    await gateway.until(() => gateway.output.said.includes('is running'));
    gateway.child.kill('SIGTERM');
    assert.equal(await gateway.end, 0);
    filler.kill('SIGKILL');
    closeSync(descriptor);
  });
});
