import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { ManualClock, silentLogger } from '@chat-gateway/runtime';
import { watchConfig } from './config-watch.ts';
import { loadConfigFile } from './file-source.ts';
import { LiveTenants } from './live-tenants.ts';
import { ConfigError } from './problem.ts';
import { makeSelfSigned } from './self-signed.ts';

const folder = mkdtempSync(join(tmpdir(), 'config-'));
after(() => {
  rmSync(folder, { recursive: true });
});

const options = { isPasswordHash: () => true };
let files = 0;

/** Writes a configuration file into a folder of its own. */
function written(text: string): string {
  const file = join(folder, String(files++), 'gateway.yaml');
  mkdirSync(join(file, '..'));
  writeFileSync(file, text);
  return file;
}

async function problemsOf(file: string) {
  try {
    await loadConfigFile(file, options);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error;
  }
  return assert.fail('no problem');
}

const tenants = (...domains: string[]) =>
  `tenants:\n${domains.map((domain) => `  - { domain: ${domain}, helpdesk: { kind: embedded, teams: [{ id: a, name: A }], staff: [] } }`).join('\n')}\n`;

describe('the configuration file', () => {
  it('names files relative to its own folder', async () => {
    const file = written('dataDir: ../data\ntenants: []\n');
    assert.equal((await loadConfigFile(file, options)).dataDir, join(folder, 'data'));
  });
  it('that does not exist, or is a folder, is one line', async () => {
    for (const file of [join(folder, 'missing.yaml'), folder]) {
      const error = await problemsOf(file);
      assert.equal(error.problems.length, 1);
      assert.ok(error.onlyFiles);
      assert.match(error.problems[0]?.found ?? '', /does not exist|is a folder/u);
    }
  });
  it('that is no UTF-8 is a problem', async () => {
    const file = written('');
    writeFileSync(file, Buffer.from([0x74, 0xff, 0xfe]));
    assert.match((await problemsOf(file)).problems[0]?.found ?? '', /UTF-8/u);
  });

  describe('with a certificate', () => {
    const write = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return `../${name}`;
    };
    it('is right when the key belongs to it', async () => {
      const { certificate, key } = await makeSelfSigned({ names: ['a.example'], now: Date.UTC(2026, 0, 1) });
      const file = written(
        `tls: { certificate: ${write('a.crt', certificate)}, key: ${write('a.key', key)} }\ntenants: []\n`,
      );
      assert.equal((await loadConfigFile(file, options)).tls?.certificate, join(folder, 'a.crt'));
    });
    it("tells another certificate's key, a file without a certificate or a key, and a missing file", async () => {
      const { certificate } = await makeSelfSigned({ names: ['a.example'], now: Date.UTC(2026, 0, 1) });
      const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
        type: 'pkcs8',
        format: 'pem',
      });
      const locked = generateKeyPairSync('ec', {
        namedCurve: 'P-256',
        privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' },
        publicKeyEncoding: { type: 'spki', format: 'pem' },
      }).privateKey;
      write('a.crt', certificate);
      write('other.key', String(other));
      write('locked.key', locked);
      write('text.pem', 'hello');
      const told = async (certificateFile: string, keyFile: string) => {
        const file = written(`tls: { certificate: ../${certificateFile}, key: ../${keyFile} }\ntenants: []\n`);
        return (await problemsOf(file)).problems.map(({ path, found, at }) => `${path} ${String(at?.line)} ${found}`);
      };
      assert.match(
        (await told('a.crt', 'other.key')).join(),
        /^tls\.key 1 .*other\.key, which is not the key of .*a\.crt$/u,
      );
      assert.match((await told('a.crt', 'locked.key')).join(), /^tls\.key 1 .*passphrase$/u);
      assert.match(
        (await told('text.pem', 'text.pem')).join(),
        /^tls\.certificate .*no certificate,tls\.key .*no private key/u,
      );
      assert.match((await told('a.crt', 'missing.key')).join(), /^tls\.key .*missing\.key, which does not exist$/u);
    });
  });
});

describe('a configuration file that changes', () => {
  async function watched(text: string) {
    const file = written(text);
    const running = await loadConfigFile(file, options);
    const clock = new ManualClock();
    const live = new LiveTenants(running.tenants);
    const warned: string[] = [];
    const log = {
      ...silentLogger,
      warn: (facts: Readonly<Record<string, unknown>>, message: string) =>
        warned.push(`${message} ${JSON.stringify(facts)}`),
    };
    const load = async () => loadConfigFile(file, options);
    const watch = await watchConfig({ file, running, load, tenants: live, clock, log });
    const domains = () => live.list().map(({ domain }) => domain);
    /** Lets time pass, and the machine read its files, until something is so. */
    const until = async (isSo: () => boolean) => {
      for (let turn = 0; turn < 20_000 && !isSo(); turn++) {
        await clock.advance(100);
        await stat(folder);
      }
      assert.ok(isSo(), `not so after a while: ${domains().join()} ${warned.join()}`);
    };
    return { file, watch, warned, domains, until, clock };
  }

  it('is taken over within seconds', async () => {
    const { file, domains, until } = await watched(tenants('a.example'));
    writeFileSync(file, tenants('a.example', 'b.example'));
    await until(() => domains().length === 2);
  });
  it('is taken over when another file is moved to its place', async () => {
    const { file, domains, until } = await watched(tenants('a.example'));
    writeFileSync(`${file}.new`, tenants('b.example'));
    renameSync(`${file}.new`, file);
    await until(() => domains()[0] === 'b.example');
  });
  it('changes nothing while it has problems, which are told once, and is taken over when it is right', async () => {
    const { file, domains, until, warned, clock } = await watched(tenants('a.example'));
    writeFileSync(file, `${tenants('b.example')}foo: 1\nbar: 2\n`);
    await until(() => warned.length > 0);
    await clock.advance(10_000);
    assert.equal(warned.length, 1);
    assert.match(warned[0] ?? '', /the old one is kept.*foo: .*bar: /u);
    assert.deepEqual(domains(), ['a.example']);
    writeFileSync(file, tenants('b.example'));
    await until(() => domains()[0] === 'b.example');
  });
  it('keeps everything when it goes away', async () => {
    const { file, domains, until, warned } = await watched(tenants('a.example'));
    rmSync(file);
    await until(() => warned.length > 0);
    assert.deepEqual(domains(), ['a.example']);
  });
  it('says what needs a restart', async () => {
    const { file, until, warned, domains } = await watched(tenants('a.example'));
    writeFileSync(file, `listeners: { xmpp: { port: 6222 } }\n${tenants('b.example')}`);
    await until(() => warned.length > 0);
    assert.match(warned[0] ?? '', /need a restart.*listeners/u);
    assert.deepEqual(domains(), ['b.example']);
  });
  it('says it also of a certificate of its own, which it had not or has no more', async () => {
    const { certificate, key } = await makeSelfSigned({ names: ['a.example'], now: Date.UTC(2026, 0, 1) });
    const pair = { certificate: join(folder, 'own.crt'), key: join(folder, 'own.key') };
    writeFileSync(pair.certificate, certificate);
    writeFileSync(pair.key, key);
    const without = tenants('a.example');
    const own = `tls: { certificate: ${pair.certificate}, key: ${pair.key} }\n${without}`;
    for (const [before, after] of [
      [without, own],
      [own, without],
    ] as const) {
      const { file, until, warned } = await watched(before);
      writeFileSync(file, after);
      await until(() => warned.length > 0);
      assert.match(warned[0] ?? '', /need a restart.*"tls"/u);
    }
  });
  it('that was refused for a file alone is taken over once that file is right, without another change of its own', async () => {
    const { certificate, key } = await makeSelfSigned({ names: ['b.example'], now: Date.UTC(2026, 0, 1) });
    for (const [part, isThere] of [
      ['a certificate that comes later', false],
      ['a certificate that is none at first', true],
    ] as const) {
      const { file, domains, until, warned, clock } = await watched(tenants('a.example'));
      const beside = (name: string, text: string) => {
        writeFileSync(join(file, '..', name), text);
      };
      if (isThere) beside('b.crt', 'nonsense');
      beside('b.key', key);
      writeFileSync(
        file,
        tenants('b.example').replace('{ domain', '{ tls: { certificate: b.crt, key: b.key }, domain'),
      );
      await until(() => warned.length > 0);
      for (let turn = 0; turn < 50; turn++) {
        await clock.advance(1_000);
        await stat(folder);
      }
      assert.equal(warned.length, 1, 'told once');
      assert.deepEqual(domains(), ['a.example']);
      beside('b.crt', certificate);
      await until(() => domains()[0] === 'b.example');
      assert.equal(warned.length, 1, part);
    }
  });
  it('that was refused for canned texts is taken over once they are right', async () => {
    const { file, domains, until, warned } = await watched(tenants('a.example'));
    mkdirSync(join(file, '../texts'));
    writeFileSync(join(file, '../texts/empty.txt'), '');
    writeFileSync(file, tenants('b.example').replace('{ domain', '{ canned: { from: texts }, domain'));
    await until(() => warned.length > 0);
    writeFileSync(join(file, '../texts/empty.txt'), 'Hello');
    await until(() => domains()[0] === 'b.example');
  });
  it('is not looked at after the stop', async () => {
    const { file, watch, domains, clock } = await watched(tenants('a.example'));
    watch.stop();
    writeFileSync(file, tenants('b.example'));
    for (let turn = 0; turn < 50; turn++) await clock.advance(1_000);
    assert.deepEqual(domains(), ['a.example']);
  });
});
