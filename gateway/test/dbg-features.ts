import { openWorld } from './support/world.ts';
import { serialize } from '../src/xmpp/serialize.ts';
const world = await openWorld(3, {});
const timer = setTimeout(() => {
  console.log('stuck');
  process.exit(1);
}, 20000);
const jesse = await world.online('jesse', { resource: 'desk', carbons: true });
const phone = await world.online('jesse', { resource: 'phone' });
const varun = await world.online('varun', { resource: 'v1' });
const step = async (name: string, f: () => Promise<unknown>) => {
  console.log('##', name);
  for (const a of [jesse, phone, varun]) a.transcript.length = 0;
  try {
    const r = await f();
    if (r) console.log('=>', typeof r === 'string' ? r : serialize(r as never));
  } catch (e) {
    console.log('ERR', String(e).slice(0, 300));
  }
  await jesse.settle();
  await varun.settle();
  await phone.settle();
  for (const [n, a] of [
    ['J', jesse],
    ['P', phone],
    ['V', varun],
  ] as const)
    for (const l of a.transcript)
      if (!/urn:xmpp:ping|id='q\d+'(?! from='(c|v|j|a).*(vCard|query))|sm:3/.test(l)) console.log(n, l.slice(0, 700));
};
await step('colleague', async () => {
  jesse.says('varun@acme.test/helpdesk', 'Lunch?');
});
await step('state', async () => {
  jesse.state('varun@acme.test', 'composing');
});
await step('dollar', async () => {
  jesse.says('varun@acme.test', '$end');
});
await step('offline', async () => {
  jesse.says('mia@acme.test', 'hi');
});
let chris: Awaited<ReturnType<ReturnType<typeof world.visitor>['asks']>>;
await step('visitor', async () => {
  chris = (await world.visitor('Chris', { email: 'c@x.example' }).asks('Where is my order?')) as never;
  await world.advance(100);
});
await step('vcard', () => jesse.iq('get', "<vCard xmlns='vcard-temp'/>", (chris as never as { jid: string }).jid));
await step('disco', () =>
  jesse.iq(
    'get',
    "<query xmlns='http://jabber.org/protocol/disco#info'/>",
    (chris as never as { fullJid: string }).fullJid,
  ),
);
await step('last', () =>
  jesse.iq('get', "<query xmlns='jabber:iq:last'/>", (chris as never as { fullJid: string }).fullJid),
);
await step('unseen', () => jesse.iq('get', "<query xmlns='jabber:iq:last'/>", 'cafe@visitors.acme.test'));
await step('roster set', async () => {
  jesse.sends(
    "<iq type='set' id='s1'><query xmlns='jabber:iq:roster'><item jid='varun@acme.test' name='x'><group>Friends</group></item></query></iq>",
  );
  await world.advance(10);
});
await step('accept', async () => {
  jesse.says((chris as never as { jid: string }).jid, 'Let me look.');
  await world.advance(100);
});
await step('csi', async () => {
  jesse.sends("<inactive xmlns='urn:xmpp:csi:0'/>");
  await jesse.settle();
  varun.sends('<presence><show>away</show></presence>');
  await world.advance(100);
});
await step('csi active', async () => {
  jesse.sends("<active xmlns='urn:xmpp:csi:0'/>");
});
process.exit(0);
