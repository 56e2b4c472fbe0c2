/** Files over https: sent, fetched, refused (XEP-0363 §6; table J). */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { connect } from 'node:tls';
import type { StaffId, TenantId } from '../../src/helpdesk/model.ts';
import { until } from '../support/until.ts';
import { ACME, openSecureWeb, OTHER } from './secure-web.ts';

const MIB = 1024 * 1024;
const PNG = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(500, 7)]);
const PDF = Buffer.from(`%PDF-1.7 ${'and so on '.repeat(20)}`);
const errorOf = (body: Buffer) => (JSON.parse(body.toString()) as { error: { code: string; text: string } }).error;
const guess = '0123456789abcdef0123456789abcdef01234567';

describe('a file by https', () => {
  it('of 20 MiB comes and goes unchanged', async () => {
    await using web = await openSecureWeb();
    const content = Buffer.concat([PDF, randomBytes(20 * MIB - PDF.length)]);
    const path = await web.bring('big.pdf', 'application/pdf', content);
    const { status, headers, body } = await web.ask('GET', path);
    assert.equal(status, 200);
    assert.equal(headers['content-length'], String(content.length));
    assert.ok(body.equals(content));
  });
  it('comes in chunks of unknown number too', async () => {
    await using web = await openSecureWeb();
    const slot = await web.slot({ name: 'a.pdf', size: PDF.length });
    const asked = web.begin('PUT', slot.put, { 'transfer-encoding': 'chunked' });
    for (let at = 0; at < PDF.length; at += 50) asked.write(PDF.subarray(at, at + 50));
    asked.end();
    assert.equal((await web.answerOf(asked)).status, 201);
    assert.ok((await web.ask('GET', slot.get)).body.equals(PDF));
  });
  it('comes once, and not to another place', async () => {
    await using web = await openSecureWeb();
    const slot = await web.slot({ name: 'a.pdf', size: PDF.length });
    for (const path of [slot.get, slot.put.replace(ACME, OTHER), `/files/${ACME}/${guess}/a.pdf`, '/files/x/y/z']) {
      assert.equal((await web.ask('PUT', path, {}, PDF)).status, 404, path);
    }
    assert.equal((await web.ask('PUT', slot.put, {}, PDF)).status, 201);
    assert.equal((await web.ask('PUT', slot.put, {}, PDF)).status, 404);
    assert.equal((await web.ask('GET', slot.put)).status, 404);
  });

  const refusals: Record<string, [body: Buffer, headers: Record<string, string>, status: number, code: string]> = {
    'larger than it was said to be': [Buffer.concat([PDF, PDF]), {}, 413, 'too-large'],
    'smaller than it was said to be': [PDF.subarray(0, 50), {}, 400, 'empty-file'],
    'said to be something else': [PDF, { 'content-type': 'text/html' }, 415, 'wrong-type'],
    'that is something else': [Buffer.alloc(PDF.length, '<html>'), {}, 415, 'wrong-type'],
  };
  for (const [sentence, [body, headers, status, code]] of Object.entries(refusals)) {
    it(`J03 ${sentence} is refused, and nothing of it is kept`, async () => {
      await using web = await openSecureWeb();
      const slot = await web.slot({ name: 'a.pdf', size: PDF.length, type: 'application/pdf' });
      const answer = await web.ask('PUT', slot.put, { 'content-type': 'application/pdf', ...headers }, body);
      assert.equal(answer.status, status);
      assert.equal(errorOf(answer.body).code, code);
      assert.equal(web.rows('file') + web.rows('file_piece'), 0);
      assert.equal((await web.ask('GET', slot.get)).status, 404);
    });
  }
  it('J03 of 20 MiB that is something else is refused so that its sender reads why', async () => {
    await using web = await openSecureWeb();
    const slot = await web.slot({ name: 'a.pdf', size: 20 * MIB });
    const answer = await web.ask('PUT', slot.put, {}, Buffer.alloc(20 * MIB, '<html>'));
    assert.equal(errorOf(answer.body).code, 'wrong-type');
  });
  it('whose sender goes away in the middle leaves nothing, and no line in the log', async () => {
    await using web = await openSecureWeb();
    const slot = await web.slot({ name: 'a.pdf', size: 2 * MIB });
    const asked = web.begin('PUT', slot.put, { 'content-length': 2 * MIB });
    asked.on('error', () => undefined);
    asked.write(Buffer.concat([PDF, Buffer.alloc(MIB)]));
    await until(
      () => web.rows('file_piece') > 2,
      () => 'nothing came',
    );
    asked.destroy();
    await until(
      () => web.rows('file') + web.rows('file_piece') === 0,
      () => 'something is left',
    );
    assert.equal((await web.ask('GET', slot.get)).status, 404);
    assert.deepEqual(web.logged, []);
  });
  it('J03 that stands still for 30 s is given up', async () => {
    await using web = await openSecureWeb();
    const slot = await web.slot({ name: 'a.pdf', size: 2 * MIB });
    const asked = web.begin('PUT', slot.put, { 'content-length': 2 * MIB });
    const closed = new Promise((resolve) => asked.on('error', resolve));
    asked.write(Buffer.concat([PDF, Buffer.alloc(MIB)]));
    await until(
      () => web.rows('file_piece') > 2,
      () => 'nothing came',
    );
    await web.clock.advance(30_000);
    await closed;
    await until(
      () => web.rows('file') === 0,
      () => 'something is left',
    );
  });
  it('J03 of one tenant stops those of no other, however many drip', async () => {
    await using web = await openSecureWeb();
    const open = async (tenant: string, number: number, from: string) => {
      const by = { is: 'staff', staff: `staff-${number}` as StaffId } as const;
      const file = { name: 'a.pdf', size: 2 * PDF.length };
      const { putUrl } = await web.files.slot(tenant as TenantId, by, file);
      const asked = web.begin('PUT', web.pathOf(putUrl), { 'content-length': file.size }, from);
      asked.on('error', () => undefined);
      asked.write(PDF);
      return asked;
    };
    const begun = () => Number(web.database.get(`SELECT count(*) AS n FROM file WHERE state = 'upload'`)?.['n']);
    const drips = [];
    for (let number = 0; number < 32; number++) drips.push(await open(ACME, number, `127.0.0.${2 + (number % 4)}`));
    await until(
      () => begun() === 32,
      () => `${begun()} have begun`,
    );
    assert.equal((await web.answerOf(await open(ACME, 32, '127.0.0.9'))).status, 429);
    const other = await open(OTHER, 33, '127.0.0.9');
    other.end(PDF);
    assert.equal((await web.answerOf(other)).status, 201);
    drips[0]?.end(PDF);
    for (const drip of drips.slice(1)) drip.destroy();
    await until(
      () => begun() === 0,
      () => 'some are still under way',
    );
    const next = await open(ACME, 34, '127.0.0.9');
    next.end(PDF);
    assert.equal((await web.answerOf(next)).status, 201);
  });
  it('may take longer than other requests may', async () => {
    const times = { headersMs: 100, requestMs: 100, keepAliveMs: 5_000, checkMs: 20 };
    await using web = await openSecureWeb({ times });
    const slot = await web.slot({ name: 'a.pdf', size: 2 * PDF.length });
    const asked = web.begin('PUT', slot.put, { 'content-length': 2 * PDF.length });
    asked.write(PDF);
    const begin = performance.now();
    await until(
      () => performance.now() - begin > 400,
      () => 'time stands still',
    );
    asked.end(PDF);
    assert.equal((await web.answerOf(asked)).status, 201);
  });
  it('J03 that is refused is read on for 15 s, and not for ever', async () => {
    await using web = await openSecureWeb();
    const slot = await web.slot({ name: 'a.pdf', size: 20 * MIB });
    const asked = web.begin('PUT', slot.put, { 'content-length': 20 * MIB });
    const closed = new Promise((resolve) => asked.on('error', resolve).on('close', resolve));
    asked.write(Buffer.alloc(MIB, '<html>'));
    assert.equal((await web.answerOf(asked)).status, 415);
    asked.write(Buffer.alloc(MIB));
    await web.clock.advance(15_000);
    await closed;
    assert.equal(web.rows('file'), 0);
  });
  it('goes away after its time, for those who guess as for those who knew', async () => {
    await using web = await openSecureWeb({ files: { keepDays: 1 } });
    const path = await web.bring('a.png', 'image/png', PNG);
    const guessed = await web.ask('GET', `/files/${ACME}/${guess}/a.png`);
    await web.clock.advance(25 * 3_600_000);
    const expired = await web.ask('GET', path);
    const elsewhere = await web.ask('GET', path.replace(ACME, OTHER));
    const unknown = await web.ask('GET', path.replace(ACME, 'unknown.example'));
    for (const answer of [expired, elsewhere, unknown]) {
      assert.equal(answer.status, 404);
      assert.deepEqual(answer.body, guessed.body);
      const { date: _, ...headers } = answer.headers;
      const { date: __, ...same } = guessed.headers;
      assert.deepEqual(headers, same);
    }
  });
});

describe('a file that is fetched', () => {
  it('J17 is nothing that a browser runs, guesses at, or shows as a page', async () => {
    await using web = await openSecureWeb();
    const path = await web.bring('Übersicht "1".txt', 'text/plain', Buffer.from('<script>alert(1)</script>'));
    const { headers } = await web.ask('GET', path);
    assert.equal(headers['content-type'], 'text/plain; charset=utf-8');
    assert.equal(
      headers['content-disposition'],
      `attachment; filename="Ubersicht _1_.txt"; filename*=UTF-8''%C3%9Cbersicht%20_1_.txt`,
    );
    assert.equal(headers['x-content-type-options'], 'nosniff');
    const policy = String(headers['content-security-policy']);
    for (const rule of ["default-src 'none'", 'sandbox', "frame-ancestors 'none'"]) assert.ok(policy.includes(rule));
    assert.doesNotMatch(policy, /script|unsafe|allow-|\*/u);
    assert.match(headers['cache-control'] ?? '', /^private/u);
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.equal(headers['strict-transport-security'], 'max-age=31536000');
  });
  it('is shown when it is a picture, a sound or a film, and only then', async () => {
    await using web = await openSecureWeb();
    const as = async (name: string, type: string, content: Buffer) => {
      const { headers } = await web.ask('HEAD', await web.bring(name, type, content));
      return [headers['content-type'], headers['content-disposition']?.split(';')[0]];
    };
    assert.deepEqual(await as('a.png', 'image/png', PNG), ['image/png', 'inline']);
    assert.deepEqual(await as('a.mp3', 'audio/mpeg', Buffer.from('ID3 and so on')), ['audio/mpeg', 'inline']);
    assert.deepEqual(await as('a.pdf', 'application/pdf', PDF), ['application/pdf', 'attachment']);
    assert.deepEqual(await as('a.zip', 'application/zip', Buffer.from('PK\x03\x04')), [
      'application/zip',
      'attachment',
    ]);
  });
  it('is told of without its bytes', async () => {
    await using web = await openSecureWeb();
    const path = await web.bring('a.pdf', 'application/pdf', PDF);
    const { status, headers, body } = await web.ask('HEAD', path);
    assert.deepEqual([status, headers['content-length'], body.length], [200, String(PDF.length), 0]);
    assert.equal(headers['accept-ranges'], 'bytes');
  });
  it('comes in parts, as films are watched', async () => {
    await using web = await openSecureWeb();
    const path = await web.bring('a.pdf', 'application/pdf', PDF);
    const part = await web.ask('GET', path, { range: 'bytes=5-9' });
    assert.equal(part.status, 206);
    assert.equal(part.headers['content-range'], `bytes 5-9/${PDF.length}`);
    assert.equal(part.headers['content-length'], '5');
    assert.ok(part.body.equals(PDF.subarray(5, 10)));
    const beyond = await web.ask('GET', path, { range: 'bytes=9999-' });
    assert.deepEqual([beyond.status, beyond.headers['content-range']], [416, `bytes */${PDF.length}`]);
    const etag = String(part.headers.etag);
    assert.equal((await web.ask('GET', path, { range: 'bytes=5-9', 'if-range': etag })).status, 206);
    assert.equal((await web.ask('GET', path, { range: 'bytes=5-9', 'if-range': '"x"' })).status, 200);
    const known = await web.ask('GET', path, { 'if-none-match': etag });
    assert.deepEqual([known.status, known.body.length], [304, 0]);
  });
  it('that nobody takes for 30 s is given up', async () => {
    await using web = await openSecureWeb();
    const path = await web.bring('a.pdf', 'application/pdf', Buffer.concat([PDF, Buffer.alloc(19 * MIB)]));
    const socket = connect({ port: web.port, host: '127.0.0.1', rejectUnauthorized: false });
    socket.on('error', () => undefined);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(`GET ${path} HTTP/1.1\r\nHost: ${ACME}\r\n\r\n`);
    await new Promise((resolve) => socket.once('readable', resolve));
    // what is on its way fills up; then nothing moves
    const begin = performance.now();
    await until(
      () => performance.now() - begin > 300,
      () => 'time stands still',
    );
    await web.clock.advance(30_000);
    socket.resume();
    await closed;
  });
  it('keeps nobody from being served when many are fetched at once', async () => {
    await using web = await openSecureWeb();
    const path = await web.bring('a.png', 'image/png', PNG);
    const answers = await Promise.all(Array.from({ length: 40 }, () => web.ask('GET', path)));
    assert.ok(answers.every(({ body }) => body.equals(PNG)));
    for (let time = 0; time < 120; time++) await web.ask('GET', path);
    assert.equal((await web.ask('GET', path)).status, 200);
  });
});

describe('addresses of files', () => {
  const odd = [
    '/files/',
    `/files/${ACME}`,
    `/files/${ACME}/${guess}`,
    `/files/${ACME}/..%2f..%2fassets/a.png`,
    `/files/${ACME}/%00/a.png`,
    `/files//${guess}/a.png`,
    `/files/${ACME};x/${guess}/a.png`,
    `/files/__proto__/constructor/a.png`,
    `/files/${ACME}/${guess}/%E2%88%95etc%E2%88%95passwd`,
    `/files/${ACME}/${guess}/%ff%fe.png`,
    `/files/${ACME}/${'a'.repeat(4_000)}/a.png`,
    `/files/${ACME}/${guess}/${'a'.repeat(4_000)}`,
  ];
  for (const path of odd) {
    it(`J07 ${path.slice(0, 70)} is 400 or 404`, async () => {
      await using web = await openSecureWeb();
      for (const method of ['GET', 'HEAD', 'PUT']) {
        const { status } = await web.ask(method, path, {}, method === 'PUT' ? 'x' : undefined);
        assert.ok([400, 404, 414].includes(status), `${method} ${status}`);
      }
    });
  }
  it('J19 are not found by trying, and are not in the log', async () => {
    await using web = await openSecureWeb();
    const path = await web.bring('a.png', 'image/png', PNG);
    const [, , , id = ''] = path.split('/');
    for (let at = 0; at < 40; at++) {
      const near = id.slice(0, at) + (id[at] === '0' ? '1' : '0') + id.slice(at + 1);
      assert.equal((await web.ask('GET', path.replace(id, near))).status, 404);
    }
    for (const other of [id.toUpperCase() === id ? `${id}0` : id.toUpperCase(), id.slice(1), `${id}%20`]) {
      assert.equal((await web.ask('GET', path.replace(id, other))).status, 404, other);
    }
    assert.doesNotMatch(web.logged.join('\n'), new RegExp(id, 'u'));
  });
  it('J08 know GET, HEAD, PUT and OPTIONS, and nothing else', async () => {
    await using web = await openSecureWeb();
    const path = await web.bring('a.png', 'image/png', PNG);
    for (const method of ['POST', 'DELETE', 'PATCH', 'PROPFIND', 'TRACE']) {
      const { status, headers } = await web.ask(method, path);
      assert.equal(status, 405, method);
      assert.equal(headers.allow, 'GET, HEAD, PUT, OPTIONS');
    }
    assert.equal((await web.ask('PUT', '/')).status, 405);
    assert.equal((await web.ask('OPTIONS', `/api/${ACME}/slot`)).status, 405);
  });
  it('J01 are open to web apps from anywhere, without credentials', async () => {
    await using web = await openSecureWeb();
    const slot = await web.slot({ name: 'a.png', size: PNG.length });
    const asked = { origin: 'https://app.example', 'access-control-request-method': 'PUT' };
    const preflight = await web.ask('OPTIONS', slot.put, asked);
    assert.equal(preflight.status, 204);
    assert.match(preflight.headers['access-control-allow-methods'] ?? '', /PUT/u);
    assert.match(preflight.headers['access-control-allow-headers'] ?? '', /content-type/iu);
    const put = await web.ask('PUT', slot.put, { origin: 'https://app.example' }, PNG);
    const get = await web.ask('GET', slot.get, { origin: 'https://app.example' });
    const missing = await web.ask('GET', slot.put, { origin: 'https://app.example' });
    for (const { headers } of [preflight, put, get, missing]) {
      assert.equal(headers['access-control-allow-origin'], '*');
      assert.equal(headers['access-control-allow-credentials'], undefined);
      assert.equal(headers['cross-origin-resource-policy'], 'cross-origin');
    }
    assert.equal((await web.call('reception', {})).headers['access-control-allow-origin'], undefined);
  });
  it('are not there where no files are taken', async () => {
    await using web = await openSecureWeb({ files: { enabled: false } });
    assert.equal((await web.ask('PUT', `/files/${ACME}/${guess}/a.png`, {}, PNG)).status, 404);
    assert.equal((await web.ask('GET', `/files/${ACME}/${guess}/a.png`)).status, 404);
  });
});

describe('a visitor’s file', () => {
  const png = { name: 'photo.png', size: PNG.length, type: 'image/png' };
  const slotOf = (body: Buffer) => JSON.parse(body.toString()) as { putUrl: string; getUrl: string };

  it('gets a place in a chat of one’s own, and is there for who knows its address', async () => {
    await using web = await openSecureWeb();
    const ticket = await web.chat();
    const asked = await web.call('slot', png, ticket);
    assert.equal(asked.status, 200);
    const { putUrl, getUrl } = slotOf(asked.body);
    const put = await web.ask('PUT', web.pathOf(putUrl), { 'content-type': 'image/png' }, PNG);
    assert.equal(put.status, 201);
    assert.equal((await web.files.at(ACME as TenantId, getUrl))?.name, 'photo.png');
  });
  const refusals: Record<string, [file: object, status: number, code: string]> = {
    'too large': [{ ...png, size: 21 * MIB }, 413, 'too-large'],
    'of a kind that is not taken': [{ ...png, name: 'a.html', type: 'text/html' }, 415, 'wrong-type'],
    'with nothing in it': [{ ...png, size: 0 }, 400, 'empty-file'],
    'with a size that is none': [{ ...png, size: 1.5 }, 400, 'bad-form'],
    'with a name too long': [{ ...png, name: 'a'.repeat(300) }, 400, 'bad-form'],
  };
  for (const [sentence, [file, status, code]] of Object.entries(refusals)) {
    it(`${sentence} gets none`, async () => {
      await using web = await openSecureWeb();
      const answer = await web.call('slot', file, await web.chat());
      assert.deepEqual([answer.status, errorOf(answer.body).code], [status, code]);
    });
  }
  it('J11 gets none without a ticket, with another one, or in a chat of another tenant', async () => {
    await using web = await openSecureWeb();
    const ticket = await web.chat();
    assert.equal((await web.call('slot', png)).status, 401);
    assert.equal(
      (await web.call('slot', png, `${ticket.slice(0, -1)}${ticket.endsWith('a') ? 'b' : 'a'}`)).status,
      404,
    );
    assert.equal((await web.call('slot', png, ticket, OTHER)).status, 404);
    assert.equal(web.rows('file'), 0);
  });
  it('gets none in a chat that is over', async () => {
    await using web = await openSecureWeb();
    const ticket = await web.chat();
    web.site.endChat(web.site.newest(), 'staff');
    const answer = await web.call('slot', png, ticket);
    assert.deepEqual([answer.status, errorOf(answer.body).code], [409, 'ended']);
  });
  it('gets none where no files are taken', async () => {
    await using web = await openSecureWeb({ files: { enabled: false } });
    const answer = await web.call('slot', png, await web.chat());
    assert.deepEqual([answer.status, errorOf(answer.body).code], [403, 'files-off']);
  });
  it('J01 gets none from another website', async () => {
    await using web = await openSecureWeb();
    const ticket = await web.chat();
    const headers = {
      origin: 'https://evil.example',
      'content-type': 'application/json',
      authorization: `Ticket ${ticket}`,
    };
    assert.equal((await web.ask('POST', `/api/${ACME}/slot`, headers, JSON.stringify(png))).status, 403);
  });
  it('waits when one chat, or one address, brings too many', async () => {
    await using web = await openSecureWeb();
    const ticket = await web.chat(1);
    for (let time = 0; time < 5; time++) assert.equal((await web.call('slot', png, ticket)).status, 200);
    const full = await web.call('slot', png, ticket);
    assert.deepEqual([full.status, errorOf(full.body).code], [429, 'too-many-files']);
    assert.ok(Number(full.headers['retry-after']) > 0);
    let given = 5;
    for (let number = 2; number < 10; number++) {
      const another = await web.chat(number);
      for (let time = 0; time < 5; time++) if ((await web.call('slot', png, another)).status === 200) given++;
    }
    // the sixth of the first chat counted too
    assert.equal(given, 39);
  });
  it('of one address are 500 MiB a day', async () => {
    await using web = await openSecureWeb({ files: { maxMegabytes: 100, totalMegabytes: 100_000 } });
    const statuses: number[] = [];
    for (let number = 1; number < 8; number++) {
      const ticket = await web.chat(number);
      statuses.push((await web.call('slot', { ...png, size: 100 * MIB }, ticket)).status);
    }
    assert.deepEqual(statuses, [200, 200, 200, 200, 200, 429, 429]);
  });
  it('that gets no place costs its address no bytes', async () => {
    await using web = await openSecureWeb({ files: { maxMegabytes: 100, totalMegabytes: 100_000 } });
    const ticket = await web.chat();
    const refused = { ...png, name: 'a.html', type: 'text/html', size: 100 * MIB };
    for (let time = 0; time < 10; time++) assert.equal((await web.call('slot', refused, ticket)).status, 415);
    assert.equal((await web.call('slot', { ...png, size: 100 * MIB }, ticket)).status, 200);
  });
});
