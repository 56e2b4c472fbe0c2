import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { ChatId, TenantId } from '../../src/helpdesk/model.ts';
import { SiteError } from '../../src/connectors/embedded/visitor-site.ts';
import type { App } from '../support/app.ts';
import { wholeArchive } from '../support/archive.ts';
import { type World, scenario, scenarios } from '../support/scenario.ts';
import type { Visitor } from '../support/visitor.ts';

const UPLOAD = 'urn:xmpp:http:upload:0';
const SERVICE = 'visitors.acme.test';
const OOB = 'jabber:x:oob';
const PNG = Buffer.from('\x89PNG\r\n\x1a\n and so on', 'latin1');

async function withFiles(world: World, files: { keepDays?: number } = {}): Promise<void> {
  await world.reconfigure((config) => ({
    ...config,
    publicUrl: 'https://chat.acme.test',
    files: { ...config.files, ...files },
  }));
}

async function chatting(world: World) {
  await withFiles(world);
  const jesse = await world.online('jesse');
  const chris = await world.visitor('Chris').asks('Hello?');
  await jesse.receives(`<message from='${chris.fullJid}'><body>Hello?</body></message>`);
  jesse.says(chris.fullJid, 'Hi');
  await chris.hears('Hi');
  return { jesse, chris };
}

async function* bytesOf(content: Buffer): AsyncGenerator<Uint8Array> {
  yield content;
}

async function send(world: World, putUrl: string, content: Buffer): Promise<void> {
  const token = new URL(putUrl).pathname.split('/')[3] ?? '';
  await world.files.put(world.tenant, token, bytesOf(content), content.length);
}

/** A file as an app sends it; its address. */
async function upload(world: World, app: App, name = 'photo.png', content = PNG): Promise<string> {
  const answer = await app.iq(
    'get',
    `<request xmlns='${UPLOAD}' filename='${name}' size='${content.length}' content-type='image/png'/>`,
    SERVICE,
  );
  const slot = answer.getChild('slot', UPLOAD);
  assert.ok(slot, 'no slot');
  await send(world, slot.getChild('put')?.attrs.url ?? '', content);
  return slot.getChild('get')?.attrs.url ?? '';
}

const shares = (app: App, to: string, url: string) => app.says(to, url, `<x xmlns='${OOB}'><url>${url}</url></x>`);

/** A file as a visitor's page sends it; its address. */
async function brings(world: World, visitor: Visitor, name = 'photo.png'): Promise<string> {
  const by = { is: 'visitor', chat: visitor.ticket.chat } as const;
  const { putUrl, getUrl } = await world.files.slot(world.tenant, by, { name, size: PNG.length });
  await send(world, putUrl, PNG);
  await world.site.share?.(world.tenant, visitor.ticket, randomUUID(), getUrl);
  return getUrl;
}

scenarios('files', () => {
  scenario('a picture that staff send is on the visitor’s page', async (world) => {
    const { jesse, chris } = await chatting(world);
    const url = await upload(world, jesse);
    shares(jesse, chris.jid, url);
    const line = await chris.hears(url);
    assert.deepEqual(line.extra, { is: 'file', file: { name: 'photo.png', type: 'image/png', size: PNG.length, url } });
  });

  scenario('a file that a visitor sends is in the app, with its address for the app to show it', async (world) => {
    const { jesse, chris } = await chatting(world);
    const url = await brings(world, chris);
    const message = await jesse.receives(`<message from='${chris.fullJid}'><body>${url}</body></message>`);
    assert.equal(message.getChild('x', OOB)?.getChildText('url'), url);
  });

  scenario('in a conference a file has its author’s name, and who joins gets it with its time', async (world) => {
    const { jesse, chris } = await chatting(world);
    const varun = await world.online('varun');
    const phone = await world.online('jesse', { resource: 'phone' });
    await world.advance(5_000);
    varun.says(chris.fullJid, 'Me too.');
    await chris.hears('Me too.');
    const url = await upload(world, jesse);
    shares(jesse, chris.fullJid, url);
    await chris.hears(url);
    const theirs = await brings(world, chris, 'receipt.png');
    for (const [app, body] of [
      [varun, `▸ Jesse Stone: ${url}`],
      [phone, `▸ You: ${url}`],
    ] as const) {
      const message = await app.receives(`<message from='${chris.fullJid}'><body>${body}</body></message>`);
      assert.equal(message.getChild('x', OOB)?.getChildText('url'), url);
      await app.receives(`<message from='${chris.fullJid}'><body>${theirs}</body></message>`);
    }
    const mia = await world.online('mia');
    jesse.says(chris.fullJid, '$invite mia');
    await mia.receives(`<message><body>▸ Jesse Stone invites you…</body></message>`);
    mia.says(chris.fullJid, 'Mia here.');
    const delay = `<delay xmlns='urn:xmpp:delay'/>`;
    for (const [body, address] of [
      [`▸ Jesse Stone: ${url}`, url],
      [theirs, theirs],
    ]) {
      const late = await mia.receives(`<message from='${chris.fullJid}'><body>${body}</body>${delay}</message>`);
      assert.equal(late.getChild('x', OOB)?.getChildText('url'), address);
    }
    const archived = await wholeArchive(mia, { with: chris.jid });
    const kept = archived.find(({ body }) => body === theirs)?.message;
    assert.equal(kept?.getChild('x', OOB)?.getChildText('url'), theirs);
  });

  scenario('a file of another tenant is none here, neither for staff nor for visitors', async (world) => {
    const { jesse, chris } = await chatting(world);
    const by = { is: 'visitor', chat: chris.ticket.chat } as const;
    const { putUrl, getUrl } = await world.files.slot(world.tenant, by, { name: 'a.png', size: PNG.length });
    await send(world, putUrl, PNG);
    const other = 'other.test' as TenantId;
    // the other tenant has files too, at the same address
    world.tenants.set(
      world.tenants
        .list()
        .map((tenant) => ({ ...tenant, config: { ...tenant.config, publicUrl: 'https://chat.acme.test' } })),
    );
    const theirs = await world.files.slot(other, { is: 'visitor', chat: 'c' as ChatId }, { name: 'b.png', size: 9 });
    assert.match(theirs.getUrl, /\/other\.test\//u);
    const forged = getUrl.replace('/acme.test/', '/other.test/');
    assert.equal((await world.files.at(world.tenant, getUrl))?.name, 'a.png');
    for (const url of [getUrl, forged]) assert.equal(await world.files.at(other, url), undefined);
    shares(jesse, chris.jid, forged);
    await chris.reads();
    assert.ok(chris.seen.every(({ extra }) => extra?.is !== 'file'));
    const id = new URL(getUrl).pathname.split('/')[3] ?? '';
    assert.equal((await world.files.get(world.tenant, id)).file.name, 'a.png');
    await assert.rejects(world.files.get(other, id), 'nothing of another tenant');
  });

  scenario('a waiting visitor may send a file; it does not come before the request', async (world) => {
    await withFiles(world);
    const jesse = await world.online('jesse');
    const chris = await world.visitor('Chris').asks('Hello?');
    await jesse.receives(`<message from='${chris.fullJid}'><body>Hello?</body></message>`);
    const url = await brings(world, chris);
    await jesse.receives(`<message from='${chris.fullJid}'><body>${url}</body></message>`);
  });

  scenario('a file accepts a request, as any reply does', async (world) => {
    await withFiles(world);
    const jesse = await world.online('jesse');
    const chris = await world.visitor('Chris').asks('How do I get there?');
    await jesse.receives(`<message from='${chris.fullJid}'><body>How do I get there?</body></message>`);
    shares(jesse, chris.jid, await upload(world, jesse));
    await chris.isIn('running');
    assert.equal(chris.seen.find(({ from }) => from.is === 'staff')?.extra?.is, 'file');
  });

  scenario('an address that is no file of this helpdesk is a text', async (world) => {
    const { jesse, chris } = await chatting(world);
    shares(jesse, chris.jid, 'https://shop.example/photo.png');
    const line = await chris.hears('https://shop.example/photo.png');
    assert.equal(line.extra, undefined);
  });

  scenario('a file that is not there is not sent, and the app says so', async (world) => {
    const { jesse, chris } = await chatting(world);
    shares(jesse, chris.jid, `https://chat.acme.test/files/acme.test/${'0'.repeat(40)}/photo.png`);
    await jesse.receives(`<message from='${chris.fullJid}'><body>…not there any more…</body></message>`);
    assert.deepEqual(chris.texts('staff'), ['Hi']);
  });

  scenario('a visitor can share only files that are there, in a chat that is not over', async (world) => {
    const { chris } = await chatting(world);
    const share = (url: string) => world.site.share?.(world.tenant, chris.ticket, randomUUID(), url);
    const refusal = (wanted: string) => (error: unknown) => error instanceof SiteError && error.refusal === wanted;
    await assert.rejects(async () => share('https://evil.example/photo.png'), refusal('bad-form'));
    await assert.rejects(
      async () => share(`https://chat.acme.test/files/acme.test/${'0'.repeat(40)}/photo.png`),
      refusal('bad-form'),
    );
    const by = { is: 'visitor', chat: chris.ticket.chat } as const;
    const { putUrl, getUrl } = await world.files.slot(world.tenant, by, { name: 'a.png', size: PNG.length });
    await send(world, putUrl, PNG);
    await chris.ends();
    await chris.isIn('ended');
    await assert.rejects(async () => share(getUrl), refusal('ended'));
  });

  scenario('files are there after a restart, until their days are over', async (world) => {
    await withFiles(world, { keepDays: 1 });
    const jesse = await world.online('jesse');
    const url = await upload(world, jesse);
    await world.restart();
    assert.equal((await world.files.at(world.tenant, url))?.name, 'photo.png');
    await world.advance(24 * 3_600_000);
    assert.equal(await world.files.at(world.tenant, url), undefined);
  });

  scenario('of a file whose gateway is killed in the middle nothing is left', async (world) => {
    await withFiles(world);
    const by = { is: 'visitor', chat: 'c' as ChatId } as const;
    const { putUrl, getUrl } = await world.files.slot(world.tenant, by, { name: 'a.png', size: 600_000 });
    const token = new URL(putUrl).pathname.split('/')[3] ?? '';
    const cut = async function* () {
      yield Buffer.concat([PNG, Buffer.alloc(400_000)]);
      await world.kill();
      throw new Error('killed');
    };
    await assert.rejects(world.files.put(world.tenant, token, cut(), 600_000));
    assert.equal(await world.files.at(world.tenant, getUrl), undefined);
    await world.advance(3_600_000);
    // its room is free again: visitors have half of 2 GiB, this chat 100 MiB a day
    await assert.doesNotReject(world.files.slot(world.tenant, by, { name: 'b.png', size: 20 * 1024 * 1024 }));
  });

  scenario('no files are offered to apps and pages without an https address', async (world) => {
    const jesse = await world.online('jesse');
    const info = await jesse.iq('get', `<query xmlns='http://jabber.org/protocol/disco#info'/>`, SERVICE);
    const features = info.getChild('query')?.getChildren('feature') ?? [];
    assert.ok(!features.some(({ attrs }) => attrs.var === UPLOAD));
    assert.equal((await world.site.reception(world.tenant)).files, undefined);
    await withFiles(world);
    assert.equal((await world.site.reception(world.tenant)).files?.maxBytes, 20 * 1024 * 1024);
    assert.equal((await world.site.reception('other.test' as TenantId)).files, undefined);
  });

  scenario('a file that is taken back is gone at once, for those who have its address too', async (world) => {
    const { jesse, chris } = await chatting(world);
    const url = await upload(world, jesse);
    const id = shares(jesse, chris.jid, url);
    await chris.hears(url);
    assert.ok(await world.files.at(world.tenant, url));
    jesse.sends(
      `<message to='${chris.jid}' type='chat' id='r1'><retract xmlns='urn:xmpp:message-retract:1' id='${id}'/></message>`,
    );
    await world.until(() => chris.seen.some(({ extra }) => extra?.is === 'retraction'), 'it was not taken back');
    await jesse.settle();
    assert.equal(await world.files.at(world.tenant, url), undefined);
    const view = await world.site.read(world.tenant, chris.ticket, 0);
    assert.ok(!JSON.stringify(view.lines).includes(url));
  });
});
