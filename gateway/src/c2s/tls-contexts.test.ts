import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { randomBytes, X509Certificate } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Facts, type Logger, ManualClock, settled, silentLogger } from '@chat-gateway/runtime';
import { FakeTenants, tenantOf } from '../../test/support/edge-world.ts';
import type { CertificateConfig } from '../config/schema.ts';
import { makeSelfSigned, type PemPair } from '../config/self-signed.ts';
import { TlsContexts } from './tls-contexts.ts';

const DAY = 86_400_000;

describe('certificates', () => {
  const clock = new ManualClock();
  const folder = mkdtempSync(join(tmpdir(), 'contexts-'));
  const pem: Record<string, PemPair> = {};
  const fingerprint = (name: string): string => new X509Certificate(pem[name]?.certificate ?? '').fingerprint256;
  const write = (file: string, pair: PemPair | undefined): CertificateConfig => {
    const config = { certificate: join(folder, `${file}.crt`), key: join(folder, `${file}.key`) };
    writeFileSync(config.certificate, pair?.certificate ?? '');
    writeFileSync(config.key, pair?.key ?? '');
    return config;
  };

  before(async () => {
    const names: Record<string, string[]> = {
      gateway: ['chat.test', '*.wild.test'],
      acme: ['acme.test'],
      both: ['beta.test', 'gamma.test'],
      renewed: ['acme.test'],
    };
    for (const [name, all] of Object.entries(names)) pem[name] = await makeSelfSigned({ names: all, now: clock.now() });
    pem['expired'] = await makeSelfSigned({ names: ['acme.test'], now: clock.now() - 800 * DAY });
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  const warned: Facts[] = [];
  const log: Logger = { ...silentLogger, warn: (facts) => void warned.push(facts) };
  function contexts(acme: PemPair | undefined = pem['acme'], file = 'acme', kept?: number): TlsContexts {
    warned.length = 0;
    return new TlsContexts({
      tenants: new FakeTenants(
        tenantOf('acme.test', { tls: write(file, acme) }),
        tenantOf('beta.test', { tls: write('both', pem['both']) }),
        tenantOf('gamma.test'),
        tenantOf('one.wild.test'),
        tenantOf('two.wild.test'),
      ),
      hostName: 'chat.test',
      fallback: write('gateway', pem['gateway']),
      clock,
      log,
      random: randomBytes,
      ...(kept === undefined ? {} : { kept }),
    });
  }
  const shown = (all: TlsContexts, serverName?: string, streamTo?: string): string | undefined =>
    ['gateway', 'acme', 'both', 'renewed', 'expired'].find(
      (name) => fingerprint(name) === all.certificateFor({ serverName, streamTo }).fingerprint,
    );

  const selection: Record<string, readonly [string | undefined, string | undefined, string]> = {
    'by server name': ['acme.test', undefined, 'acme'],
    'by server name, whatever its case': ['ACME.Test', undefined, 'acme'],
    'the server name goes before the stream': ['acme.test', 'beta.test', 'acme'],
    'the gateways own name': ['chat.test', 'acme.test', 'gateway'],
    'a name that nobody has': ['nobody.test', undefined, 'gateway'],
    'a name that is none': ['..', undefined, 'gateway'],
    'a tenant without a certificate': ['gamma.test', undefined, 'gateway'],
    'no server name on STARTTLS': [undefined, 'acme.test', 'acme'],
    'no server name on direct TLS': [undefined, undefined, 'gateway'],
  };
  for (const [name, [serverName, streamTo, wanted]] of Object.entries(selection))
    it(`are shown: ${name}`, () => {
      const all = contexts();
      assert.equal(shown(all, serverName, streamTo), wanted);
      all.close();
    });

  const goes: Record<string, readonly [string | undefined, string | undefined, string, boolean]> = {
    'the same name': ['acme.test', undefined, 'acme.test', true],
    'another tenant': ['acme.test', undefined, 'beta.test', false],
    'another tenant that the certificate shown covers': ['beta.test', undefined, 'gamma.test', true],
    'a tenant that the certificate shown covers by a wildcard': ['one.wild.test', undefined, 'two.wild.test', true],
    'the gateways own name (Pidgin, Adium)': ['chat.test', 'acme.test', 'acme.test', true],
    'the gateways own name with any tenant': ['chat.test', undefined, 'beta.test', true],
    'no name on direct TLS': [undefined, undefined, 'acme.test', true],
    'no name on STARTTLS': [undefined, 'acme.test', 'acme.test', true],
    'no name on STARTTLS, and another stream after it': [undefined, 'acme.test', 'beta.test', false],
    'a name of nobodys': ['alias.test', undefined, 'acme.test', true],
  };
  for (const [name, [serverName, streamTo, to, allowed]] of Object.entries(goes))
    it(`B11 a stream ${allowed ? 'goes' : 'does not go'} over: ${name}`, () => {
      const all = contexts();
      assert.equal(all.allows({ serverName, streamTo }, to), allowed);
      all.close();
    });

  it('B15 a new pair is used from then on', () => {
    const all = contexts(pem['acme'], 'renewal');
    const old = all.forServerName('acme.test');
    write('renewal', pem['renewed']);
    all.reload();
    assert.equal(shown(all, 'acme.test'), 'renewed');
    assert.notEqual(all.forServerName('acme.test'), old);
    assert.equal(all.bad, 0);
    all.close();
  });
  const bad: Record<string, () => PemPair | undefined> = {
    'a key of another certificate': () => ({
      certificate: pem['renewed']?.certificate ?? '',
      key: pem['acme']?.key ?? '',
    }),
    'an expired certificate': () => pem['expired'],
    'no certificate at all': () => ({ certificate: 'nonsense', key: 'nonsense' }),
    'an empty file': () => undefined,
  };
  for (const [name, pair] of Object.entries(bad))
    it(`B15 ${name} changes nothing but a warning and a number`, () => {
      const all = contexts(pem['acme'], `bad-${name.length}`);
      assert.equal(shown(all, 'acme.test'), 'acme');
      write(`bad-${name.length}`, pair());
      all.reload();
      all.reload();
      assert.equal(shown(all, 'acme.test'), 'acme');
      assert.equal(all.bad, 1);
      assert.equal(warned.length, 1);
      assert.ok(!JSON.stringify(warned).includes('PRIVATE'));
      write(`bad-${name.length}`, pem['renewed']);
      all.reload();
      assert.equal(shown(all, 'acme.test'), 'renewed');
      assert.equal(all.bad, 0);
      all.close();
    });
  it('a pair that was never good is replaced by the default one, and used once it is good', () => {
    const all = contexts({ certificate: 'nonsense', key: 'nonsense' }, 'never');
    for (let time = 0; time < 3; time++) assert.equal(shown(all, 'acme.test'), 'gateway');
    assert.equal(warned.length, 1);
    assert.equal(all.bad, 1);
    write('never', pem['acme']);
    all.reload();
    assert.equal(shown(all, 'acme.test'), 'acme');
    all.close();
  });
  /** Writes and looks are real: time goes on until it is so. */
  async function isShown(all: TlsContexts, name: string): Promise<void> {
    for (let time = 0; time < 2_000 && shown(all, 'acme.test') !== name; time++) {
      await settled();
      await clock.advance(500, async () => undefined);
    }
    assert.equal(shown(all, 'acme.test'), name);
  }
  const tenantWith = (tls: CertificateConfig, tenants = new FakeTenants(tenantOf('acme.test', { tls }))): TlsContexts =>
    new TlsContexts({
      tenants,
      hostName: 'chat.test',
      fallback: write('gateway', pem['gateway']),
      clock,
      log,
      random: randomBytes,
    });

  it('B15 a path that leads nowhere is a pair that is no good, until it leads somewhere', async () => {
    const circle = write('circle', pem['acme']);
    const other = join(folder, 'circle');
    rmSync(circle.certificate);
    symlinkSync(circle.certificate, other);
    symlinkSync(other, circle.certificate);
    warned.length = 0;
    const all = tenantWith(circle);
    for (let time = 0; time < 2; time++) assert.equal(shown(all, 'acme.test'), 'gateway');
    assert.deepEqual([warned.length, all.bad], [1, 1]);
    assert.match(String(warned[0]?.['why']), /ELOOP/u);
    rmSync(circle.certificate);
    write('circle', pem['acme']);
    await isShown(all, 'acme');
    assert.equal(all.bad, 0);
    all.close();
  });
  it('B15 a file that changes is noticed, also one that was no good', async () => {
    const all = contexts(pem['acme'], 'watched');
    await isShown(all, 'acme');
    write('watched', pem['renewed']);
    await isShown(all, 'renewed');
    all.close();

    const bad = contexts({ certificate: 'nonsense', key: 'nonsense' }, 'bad-first');
    await isShown(bad, 'gateway');
    write('bad-first', pem['acme']);
    await isShown(bad, 'acme');
    bad.close();
  });
  it('B15 a file that is right though its time and size are the same is noticed, as one whose rights change is', async () => {
    const good = pem['acme'];
    const tls = write('same', { certificate: good?.certificate ?? '', key: 'x'.repeat(good?.key.length ?? 0) });
    const then = new Date(2026, 0, 1);
    utimesSync(tls.key, then, then);
    const all = tenantWith(tls);
    await isShown(all, 'gateway');
    writeFileSync(tls.key, good?.key ?? '');
    utimesSync(tls.key, then, then);
    await isShown(all, 'acme');
    assert.equal(all.bad, 0);
    all.close();
  });
  it('B15 a link to a file of another folder that is exchanged is noticed, every time (certbot)', async () => {
    const live = { certificate: join(folder, 'live.crt'), key: join(folder, 'live.key') };
    const link = (to: CertificateConfig): void => {
      for (const part of ['certificate', 'key'] as const) {
        rmSync(live[part], { force: true });
        symlinkSync(to[part], live[part]);
      }
    };
    mkdirSync(join(folder, 'archive'));
    link(write('archive/1', pem['acme']));
    const all = tenantWith(live);
    await isShown(all, 'acme');
    for (const [number, name] of ['renewed', 'acme', 'renewed'].entries()) {
      link(write(`archive/${number + 2}`, pem[name]));
      await isShown(all, name);
    }
    all.close();
  });
  it('B15 a folder that is exchanged is noticed, every time (Kubernetes)', async () => {
    const data = join(folder, 'data');
    const exchange = (version: string, name: string): void => {
      mkdirSync(join(folder, version));
      write(join(version, 'tls'), pem[name]);
      symlinkSync(version, join(folder, 'next'));
      renameSync(join(folder, 'next'), data);
    };
    exchange('v1', 'acme');
    const all = tenantWith({ certificate: join(data, 'tls.crt'), key: join(data, 'tls.key') });
    await isShown(all, 'acme');
    exchange('v2', 'renewed');
    await isShown(all, 'renewed');
    exchange('v3', 'acme');
    await isShown(all, 'acme');
    all.close();
  });
  it('B15 a bad pair that no tenant names any more is no alarm, and is not kept', () => {
    for (const pair of [undefined, pem['acme']]) {
      const tls = write('unnamed', pair);
      const tenants = new FakeTenants(tenantOf('acme.test', { tls }), tenantOf('beta.test'));
      const all = tenantWith(tls, tenants);
      all.forServerName('acme.test');
      write('unnamed', undefined);
      all.reload();
      all.forServerName('acme.test');
      assert.equal(all.bad, 1);
      tenants.remove('acme.test');
      assert.deepEqual([all.bad, all.size], [0, 1]);
      assert.equal(shown(all, 'beta.test'), 'gateway');
      all.close();
    }
  });
  it('are made at first use', () => {
    const all = contexts();
    assert.equal(all.size, 1, 'the fallback, so that what is wrong with it is told at the start');
    for (let time = 0; time < 3; time++) all.forServerName('acme.test');
    assert.equal(all.size, 2);
    for (const name of ['gamma.test', 'nobody.test', 'chat.test']) all.forServerName(name);
    assert.equal(all.size, 2);
    all.forServerName(undefined, 'beta.test');
    assert.equal(all.size, 3);
    all.close();
  });
  it('are forgotten, the least used first, and made again; the default one stays', () => {
    const all = contexts(pem['acme'], 'acme', 2);
    const first = all.forServerName('acme.test');
    const own = all.forServerName('chat.test');
    all.forServerName('beta.test');
    assert.notEqual(all.forServerName('acme.test'), first);
    assert.equal(all.forServerName('chat.test'), own);
    all.close();
  });
  it('a fallback that cannot be used is an error at the start', () => {
    const deps = { tenants: new FakeTenants(), hostName: 'chat.test', clock, log, random: randomBytes };
    assert.throws(() => new TlsContexts({ ...deps, fallback: write('broken', undefined) }), /certificate/u);
    assert.throws(
      () =>
        new TlsContexts({ ...deps, fallback: { certificate: join(folder, 'absent'), key: join(folder, 'absent') } }),
      /ENOENT/u,
    );
  });
});
