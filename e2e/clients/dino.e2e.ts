import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startDino } from '../drivers/dino.ts';
import { DOMAIN, jesse } from '../support/helpdesk.ts';
import { startNameServer } from '../support/name-server.ts';
import { recordOf } from '../support/record.ts';
import { openStage, type PlaceOptions, type Stage } from '../support/stage.ts';
import { debianVersion } from '../support/versions.ts';
import { chatFromRequestToEnd, comeBackByItself, takeChat } from './chat.ts';

const record = recordOf('Dino', await debianVersion('dino-im'));

/** A machine whose name server leads to this port; STARTTLS unless told otherwise. */
async function placeOf(
  stage: Stage,
  port: number,
  { directTls = false, system = [stage.authority] }: { directTls?: boolean; system?: PlaceOptions['system'] } = {},
) {
  const name = `_${directTls ? 'xmpps' : 'xmpp'}-client._tcp.${DOMAIN}`;
  const { address } = stage.use(await startNameServer([DOMAIN], [{ name, target: DOMAIN, port }]));
  return stage.place('dino', { nameServer: address, system, unprivileged: true });
}

test('Dino: a chat from the request to its end', async (t) => {
  const stage = await openStage(t);
  const app = stage.use(await startDino(stage.account(jesse), await placeOf(stage, stage.gateway.ports.xmpp)));
  await chatFromRequestToEnd(app, jesse, await stage.visitor(), record);
});

test('Dino: direct TLS', async (t) => {
  const stage = await openStage(t);
  const place = await placeOf(stage, stage.gateway.ports.xmppTls, { directTls: true });
  const app = stage.use(await startDino(stage.account(jesse), place));
  await app.seesLogin();
  await takeChat(app, await stage.visitor());
  record.saw('directTls', 'SRV `_xmpps-client._tcp`');
});

test('Dino: refuses a certificate of an authority that its system does not know', async (t) => {
  const stage = await openStage(t);
  const place = await placeOf(stage, stage.gateway.ports.xmpp, { system: [await stage.stranger('Stranger')] });
  const app = stage.use(await startDino(stage.account(jesse), place));
  assert.match(await app.seesDistrust(), /certificate/iu);
  record.saw('distrust', 'no log-in; the accounts dialog says “Invalid TLS certificate”');
});

test('Dino: a cut connection is resumed, and nothing is lost or doubled', async (t) => {
  const stage = await openStage(t);
  const proxy = await stage.proxy(stage.gateway.ports.xmpp);
  const app = stage.use(await startDino(stage.account(jesse), await placeOf(stage, proxy.port)));
  await app.seesLogin();
  const chris = await stage.visitor();
  const contact = await takeChat(app, chris);

  await comeBackByItself(proxy, app, contact, chris);
  record.saw('cut', 'resumes by itself, nothing is lost or doubled');
});
