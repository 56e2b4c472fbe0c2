import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { ManualClock, settled, silentLogger } from '@chat-gateway/runtime';
import { type TenantConfig, tenantSchema } from '../../../config/schema.ts';
import type { Tenant } from '../../../config/tenants.ts';
import { type Bringer, FileError, type FileFault } from '../../../helpdesk/files.ts';
import type { ChatId, StaffId, TenantId } from '../../../helpdesk/model.ts';
import { openSqlite } from '../store/sqlite-database.ts';
import { createSqliteFiles } from '../store/sqlite-files.ts';
import { createEmbeddedFiles } from './files.ts';

const acme = 'acme.test' as TenantId;
const other = 'other.test' as TenantId;
const jesse: Bringer = { is: 'staff', staff: 'jesse' as StaffId };
const chris: Bringer = { is: 'visitor', chat: 'c1' as ChatId };
const MIB = 1024 * 1024;
const PDF = Buffer.from('%PDF-1.7 and so on');
const pdf = { name: 'a.pdf', size: PDF.length, type: 'application/pdf' };

type FilesConfig = Partial<TenantConfig['files']>;

function tenantOf(id: TenantId, files: FilesConfig, publicUrl: string | undefined): Tenant {
  const config = tenantSchema.parse({
    domain: id,
    ...(publicUrl !== undefined && { publicUrl }),
    files,
    helpdesk: { kind: 'embedded', teams: [{ id: 'sales', name: 'Sales' }], staff: [] },
  });
  return { id, domain: id, visitorsDomain: `visitors.${id}`, config };
}

const ADDRESS = { publicUrl: 'https://chat.acme.test:8443' };

function open(config: FilesConfig = {}, { publicUrl }: { readonly publicUrl?: string } = ADDRESS) {
  const clock = new ManualClock();
  const database = openSqlite(':memory:');
  const tenants = new Map([
    [acme, tenantOf(acme, config, publicUrl)],
    [other, tenantOf(other, {}, 'https://chat.acme.test:8443')],
  ]);
  const deps = {
    store: createSqliteFiles(database),
    tenants,
    clock,
    log: silentLogger,
    random: (bytes: number) => randomBytes(bytes).toString('hex'),
  };
  let files = createEmbeddedFiles(deps);
  return {
    clock,
    database,
    get files() {
      return files;
    },
    configure(to: FilesConfig) {
      tenants.set(acme, tenantOf(acme, to, publicUrl));
    },
    withoutAddress() {
      tenants.set(acme, tenantOf(acme, config, undefined));
    },
    restart() {
      files.close();
      files = createEmbeddedFiles(deps);
    },
    rows: (table: 'file' | 'file_piece') => Number(database.get(`SELECT count(*) AS n FROM ${table}`)?.['n']),
    async [Symbol.asyncDispose]() {
      files.close();
      await settled();
      await database.close();
    },
  };
}
type Opened = ReturnType<typeof open>;

const lastButOne = (url: string) => new URL(url).pathname.split('/')[3] ?? '';

async function* bytesOf(...parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}

async function text(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const refused = async (act: Promise<unknown>, fault: FileFault): Promise<FileError> => {
  const error = await act.then(
    () => assert.fail(`not refused as ${fault}`),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof FileError, String(error));
  assert.equal(error.fault, fault);
  return error;
};

/** Brings a file, and returns its address. */
async function brought({ files }: Opened, by: Bringer = jesse, content: Buffer = PDF, more = {}): Promise<string> {
  const slot = await files.slot(acme, by, { ...pdf, size: content.length, ...more });
  await files.put(acme, lastButOne(slot.putUrl), bytesOf(content), content.length, pdf.type);
  return slot.getUrl;
}

describe('files of a tenant', () => {
  const off: Record<string, [config: FilesConfig, address: { readonly publicUrl?: string }]> = {
    'that are off': [{ enabled: false }, ADDRESS],
    'without a public address': [{}, {}],
    'with a public address that is no https': [{}, { publicUrl: 'http://chat.acme.test' }],
  };
  for (const [sentence, [config, address]] of Object.entries(off)) {
    it(`${sentence} are not taken, nor announced`, async () => {
      await using opened = open(config, address);
      assert.equal(opened.files.rules(acme), undefined);
      await refused(opened.files.slot(acme, jesse, pdf), 'off');
      await refused(opened.files.put(acme, 'x', bytesOf(PDF), undefined), 'not-found');
    });
  }
  it('are as large and of such kinds as it says', async () => {
    await using opened = open({ maxMegabytes: 1, types: ['image/png'] });
    assert.deepEqual(opened.files.rules(acme), { maxBytes: MIB, types: ['image/png'] });
    await refused(opened.files.slot(acme, jesse, pdf), 'wrong-type');
    await refused(opened.files.slot(acme, jesse, { name: 'a.png', size: MIB + 1 }), 'too-large');
    await opened.files.slot(acme, jesse, { name: 'a.png', size: MIB });
  });
  it('of an unknown tenant are none', async () => {
    await using opened = open();
    const nobody = 'nobody.test' as TenantId;
    assert.equal(opened.files.rules(nobody), undefined);
    await refused(opened.files.slot(nobody, jesse, pdf), 'off');
    await refused(opened.files.put(nobody, 'x', bytesOf(PDF), undefined), 'not-found');
    await refused(opened.files.get(nobody, 'x'), 'not-found');
    assert.equal(await opened.files.at(nobody, 'https://chat.acme.test:8443/files/nobody.test/x/a.pdf'), undefined);
  });
  it('that are switched off later are not given any more', async () => {
    await using opened = open();
    const url = await brought(opened);
    opened.configure({ enabled: false });
    await refused(opened.files.get(acme, lastButOne(url)), 'not-found');
    assert.equal(await opened.files.at(acme, url), undefined);
  });
  it('of a tenant that has no public address any more are not given, and fail in no other way', async () => {
    await using opened = open();
    const url = await brought(opened);
    opened.withoutAddress();
    await refused(opened.files.get(acme, lastButOne(url)), 'not-found');
    assert.equal(await opened.files.at(acme, url), undefined);
  });
  it('that are taken back are gone at once, bytes and all; nobody takes back what somebody else brought', async () => {
    await using opened = open();
    const url = await brought(opened);
    await opened.files.takeBack(acme, url, chris);
    await opened.files.takeBack(acme, url, { is: 'staff', staff: 'varun' as StaffId });
    await opened.files.takeBack(other, url, jesse);
    await opened.files.takeBack(acme, 'https://elsewhere.test/x', jesse);
    assert.ok(await opened.files.at(acme, url));
    await opened.files.takeBack(acme, url, jesse);
    await opened.files.takeBack(acme, url, jesse);
    await refused(opened.files.get(acme, lastButOne(url)), 'not-found');
    assert.deepEqual([opened.rows('file'), opened.rows('file_piece')], [0, 0]);
  });
});

describe('a place for a file', () => {
  it('has an address of the tenant’s own, whose two secrets nobody can guess', async () => {
    await using opened = open();
    const { putUrl, getUrl } = await opened.files.slot(acme, jesse, { ...pdf, name: 'a (1).pdf' });
    for (const url of [putUrl, getUrl]) {
      assert.match(url, /^https:\/\/chat\.acme\.test:8443\/files\/acme\.test\/[0-9a-f]{40}\/a%20%281%29\.pdf$/u);
    }
    assert.notEqual(lastButOne(putUrl), lastButOne(getUrl));
    const kept = JSON.stringify(opened.database.all('SELECT * FROM file'));
    assert.ok(!kept.includes(lastButOne(putUrl)) && !kept.includes(lastButOne(getUrl)));
  });
  for (const size of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    it(`of ${size} bytes is none`, async () => {
      await using opened = open();
      await refused(opened.files.slot(acme, jesse, { ...pdf, size }), 'bad-form');
    });
  }
  it('is for one upload', async () => {
    await using opened = open();
    const { putUrl, getUrl } = await opened.files.slot(acme, jesse, pdf);
    const token = lastButOne(putUrl);
    const put = () => opened.files.put(acme, token, bytesOf(PDF), undefined);
    const outcomes = await Promise.allSettled([put(), put(), put()]);
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
    await refused(put(), 'not-found');
    assert.equal(await text((await opened.files.get(acme, lastButOne(getUrl))).read()), PDF.toString());
  });
  it('is for some minutes', async () => {
    await using opened = open();
    const { putUrl } = await opened.files.slot(acme, jesse, pdf);
    await opened.clock.advance(5 * 60_000);
    await refused(opened.files.put(acme, lastButOne(putUrl), bytesOf(PDF), undefined), 'not-found');
    await opened.clock.advance(5 * 60_000);
    assert.equal(opened.rows('file'), 0);
  });
  it('of one tenant is none of another, and an address is no place', async () => {
    await using opened = open();
    const { putUrl, getUrl } = await opened.files.slot(acme, jesse, pdf);
    await refused(opened.files.put(other, lastButOne(putUrl), bytesOf(PDF), undefined), 'not-found');
    await refused(opened.files.put(acme, lastButOne(getUrl), bytesOf(PDF), undefined), 'not-found');
    await opened.files.put(acme, lastButOne(putUrl), bytesOf(PDF), undefined);
    await refused(opened.files.get(acme, lastButOne(putUrl)), 'not-found');
  });
  const floods: Record<string, [by: Bringer, burst: number, more: Bringer]> = {
    'a staff user': [jesse, 20, { is: 'staff', staff: 'varun' as StaffId }],
    'a visitor': [chris, 5, { is: 'visitor', chat: 'c2' as ChatId }],
  };
  for (const [who, [by, burst, another]] of Object.entries(floods)) {
    it(`${who} gets ${burst} of them at once, then has to wait; others have not`, async () => {
      await using opened = open();
      for (let number = 0; number < burst; number++) await opened.files.slot(acme, by, pdf);
      const { retryAfter = 0 } = await refused(opened.files.slot(acme, by, pdf), 'too-many');
      assert.ok(retryAfter > 0 && retryAfter <= 12_000, String(retryAfter));
      await opened.files.slot(acme, another, pdf);
      await opened.clock.advance(retryAfter);
      await opened.files.slot(acme, by, pdf);
    });
  }
  it('a visitor gets 100 MiB of them a day', async () => {
    await using opened = open({ maxMegabytes: 50 });
    const half = { ...pdf, size: 50 * MIB };
    const content = Buffer.concat([PDF, Buffer.alloc(MIB - PDF.length)]);
    for (let number = 0; number < 50; number++) {
      await brought(opened, chris, content);
      await opened.clock.advance(60_000);
    }
    await opened.files.slot(acme, chris, half);
    const { retryAfter } = await refused(opened.files.slot(acme, chris, { ...pdf, size: 1 }), 'too-many');
    assert.equal(retryAfter, 3_600_000);
    await opened.clock.advance(24 * 3_600_000);
    await opened.files.slot(acme, chris, half);
  });
  it('a tenant has as much room as it says, visitors half of it, and what goes makes room', async () => {
    await using opened = open({ totalMegabytes: 2, keepDays: 1 });
    const content = Buffer.concat([PDF, Buffer.alloc(MIB - PDF.length)]);
    await brought(opened, chris, content);
    await refused(opened.files.slot(acme, { is: 'visitor', chat: 'c2' as ChatId }, { ...pdf, size: 1 }), 'too-many');
    await brought(opened, jesse, content);
    await refused(opened.files.slot(acme, jesse, { ...pdf, size: 1 }), 'too-many');
    await opened.clock.advance(24 * 3_600_000 + 600_000);
    await brought(opened, jesse, content);
  });
});

describe('what is sent', () => {
  const lies: Record<string, [sent: Buffer, size: number | undefined, type: string | undefined, fault: FileFault]> = {
    'is not less than what was said': [PDF.subarray(0, 9), undefined, undefined, 'bad-form'],
    'is not less, and says so': [PDF.subarray(0, 9), 9, undefined, 'bad-form'],
    'is not more than what was said': [Buffer.concat([PDF, PDF]), undefined, undefined, 'too-large'],
    'is not more, and says so': [Buffer.concat([PDF, PDF]), 2 * PDF.length, undefined, 'too-large'],
    'is not nothing': [Buffer.alloc(0), undefined, undefined, 'bad-form'],
    'is of the type that was said': [PDF, PDF.length, 'text/html', 'wrong-type'],
    'begins like its type': [Buffer.from('<html>and so on...'), PDF.length, pdf.type, 'wrong-type'],
  };
  for (const [sentence, [sent, size, type, fault]] of Object.entries(lies)) {
    it(`${sentence}, else nothing of it is kept and the place is gone`, async () => {
      await using opened = open();
      const { putUrl, getUrl } = await opened.files.slot(acme, jesse, pdf);
      const token = lastButOne(putUrl);
      await refused(opened.files.put(acme, token, bytesOf(sent), size, type), fault);
      assert.equal(opened.rows('file') + opened.rows('file_piece'), 0);
      await refused(opened.files.put(acme, token, bytesOf(PDF), undefined), 'not-found');
      await refused(opened.files.get(acme, lastButOne(getUrl)), 'not-found');
    });
  }
  it('may be said to be of a type in another form, and of any where none was said', async () => {
    await using opened = open();
    const first = await opened.files.slot(acme, jesse, { ...pdf, type: 'Application/PDF' });
    await opened.files.put(acme, lastButOne(first.putUrl), bytesOf(PDF), undefined, 'application/pdf; x=y');
    const second = await opened.files.slot(acme, jesse, { name: 'a.pdf', size: PDF.length });
    await opened.files.put(acme, lastButOne(second.putUrl), bytesOf(PDF), undefined, 'application/octet-stream');
    assert.equal((await opened.files.at(acme, second.getUrl))?.type, 'application/pdf');
  });
  it('leaves nothing when its sender goes away', async () => {
    await using opened = open();
    const { putUrl, getUrl } = await opened.files.slot(acme, jesse, { ...pdf, size: MIB });
    const cut = async function* () {
      yield Buffer.concat([PDF, Buffer.alloc(600_000)]);
      throw new Error('gone');
    };
    await assert.rejects(opened.files.put(acme, lastButOne(putUrl), cut(), MIB), /gone/u);
    assert.equal(opened.rows('file') + opened.rows('file_piece'), 0);
    await refused(opened.files.get(acme, lastButOne(getUrl)), 'not-found');
  });
  it('is given up when it drips', async () => {
    await using opened = open();
    const { putUrl } = await opened.files.slot(acme, jesse, { ...pdf, size: 16 * 1024 * 60 });
    let sent = 0;
    const drips = async function* () {
      for (;;) {
        sent++;
        yield PDF;
        await opened.clock.advance(10_000);
      }
    };
    await refused(opened.files.put(acme, lastButOne(putUrl), drips(), undefined), 'not-found');
    // a minute is given
    assert.equal(sent, 7);
    assert.equal(opened.rows('file') + opened.rows('file_piece'), 0);
  });
  it('may take its time as long as 16 KiB come in a second', async () => {
    await using opened = open();
    const { putUrl } = await opened.files.slot(acme, jesse, { ...pdf, size: 2 * MIB });
    const slowly = async function* () {
      for (let sent = 0; sent < 2 * MIB; sent += MIB / 4) {
        await opened.clock.advance(16_000);
        yield sent === 0 ? Buffer.concat([PDF, Buffer.alloc(MIB / 4 - PDF.length)]) : Buffer.alloc(MIB / 4);
      }
    };
    await opened.files.put(acme, lastButOne(putUrl), slowly(), undefined);
    const second = await opened.files.slot(acme, jesse, { ...pdf, size: 20 * MIB });
    let sent = 0;
    const tooSlowly = async function* () {
      for (;;) {
        // a good start is of use for as long as it goes
        yield sent++ === 0 ? Buffer.concat([PDF, Buffer.alloc(2 * MIB)]) : PDF;
        await opened.clock.advance(10_000);
      }
    };
    await refused(opened.files.put(acme, lastButOne(second.putUrl), tooSlowly(), undefined), 'not-found');
    assert.equal(sent, 14);
  });
  it('of a kill in the middle is swept away after the restart', async () => {
    await using opened = open();
    const { putUrl, getUrl } = await opened.files.slot(acme, jesse, { ...pdf, size: MIB });
    let resume = () => undefined as void;
    const stuck = async function* () {
      yield Buffer.concat([PDF, Buffer.alloc(600_000)]);
      await new Promise<void>((resolve) => {
        resume = resolve;
      });
      throw new Error('killed');
    };
    const put = opened.files.put(acme, lastButOne(putUrl), stuck(), MIB);
    while (opened.rows('file_piece') < 2) await settled();
    opened.restart();
    await refused(opened.files.get(acme, lastButOne(getUrl)), 'not-found');
    await opened.clock.advance(3_600_000);
    assert.equal(opened.rows('file') + opened.rows('file_piece'), 0);
    resume();
    await assert.rejects(put);
  });
});

describe('a file', () => {
  it('of 20 MiB comes and goes unchanged, in parts too', async () => {
    await using opened = open();
    const content = Buffer.concat([PDF, randomBytes(20 * MIB - PDF.length)]);
    const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
    const slot = await opened.files.slot(acme, jesse, { ...pdf, size: content.length });
    const chunks = async function* () {
      for (let at = 0; at < content.length; at += 65_521) yield content.subarray(at, at + 65_521);
    };
    await opened.files.put(acme, lastButOne(slot.putUrl), chunks(), content.length);
    const stored = await opened.files.get(acme, lastButOne(slot.getUrl));
    const read = async (from?: number, to?: number) => {
      const parts: Uint8Array[] = [];
      for await (const part of stored.read(from, to)) parts.push(Buffer.from(part));
      return Buffer.concat(parts);
    };
    assert.equal(hash(await read()), hash(content));
    const cases: [number, number][] = [
      [0, 1],
      [262_143, 262_145],
      [5_000_000, 9_000_000],
      [content.length - 1, content.length + 9],
      [7, 7],
    ];
    for (const [from, to] of cases) {
      const expected = hash(content.subarray(from, to));
      assert.equal(hash(await read(from, to)), expected, `${from} to ${to}`);
    }
  });
  it('is known by its address, as the tenant writes it', async () => {
    await using opened = open();
    const url = await brought(opened, chris, PDF, { name: 'Übersicht.pdf' });
    const file = { name: 'Übersicht.pdf', type: 'application/pdf', size: PDF.length, url };
    assert.deepEqual(await opened.files.at(acme, url), file);
    assert.deepEqual(await opened.files.at(acme, url.replace('%C3%9C', 'Ü')), file);
    assert.deepEqual((await opened.files.get(acme, lastButOne(url))).file, file);
  });
  it('is not known by any other address', async () => {
    await using opened = open();
    const url = await brought(opened);
    const { putUrl, getUrl } = await opened.files.slot(acme, jesse, pdf);
    const id = lastButOne(url);
    const others = {
      'a place': putUrl,
      'an address to which nothing came': getUrl,
      'another host': url.replace('chat.acme.test', 'evil.test'),
      'another port': url.replace(':8443', ''),
      'no https': url.replace('https:', 'http:'),
      'another tenant': url.replace('/acme.test/', '/other.test/'),
      'a guess': url.replace(id, '0'.repeat(40)),
      'a user in it': url.replace('https://', 'https://me@'),
      'a query': `${url}?x`,
      'a fragment': `${url}#x`,
      'more behind it': `${url}/x`,
      'words around it': `see ${url}`,
      'no address': 'hello',
      'a long one': `${url}${'x'.repeat(5_000)}`,
    };
    for (const [what, address] of Object.entries(others)) {
      assert.equal(await opened.files.at(acme, address), undefined, what);
    }
    assert.equal(await opened.files.at(other, url), undefined);
    await refused(opened.files.get(other, id), 'not-found');
  });
  it('goes after the days that the tenant says, also over a restart, and its bytes with it', async () => {
    await using opened = open({ keepDays: 30 });
    const url = await brought(opened);
    await opened.clock.advance(30 * 24 * 3_600_000 - 120_000);
    opened.restart();
    await settled();
    assert.ok(await opened.files.at(acme, url));
    await opened.clock.advance(120_000);
    assert.equal(await opened.files.at(acme, url), undefined);
    await refused(opened.files.get(acme, lastButOne(url)), 'not-found');
    await opened.clock.advance(600_000);
    assert.equal(opened.rows('file') + opened.rows('file_piece'), 0);
  });
  it('that goes while it is read ends the reading', async () => {
    await using opened = open({ keepDays: 1 });
    const url = await brought(opened, jesse, Buffer.concat([PDF, Buffer.alloc(600_000)]));
    const parts = (await opened.files.get(acme, lastButOne(url))).read()[Symbol.asyncIterator]();
    assert.equal((await parts.next()).value?.length, 262_144);
    await opened.clock.advance(25 * 3_600_000);
    await refused(parts.next(), 'not-found');
  });
});
