/**
 * Files both ways, over https as a visitor's browser and the apps check it: the authority is known to the system of
 * the app (Gajim) or is the one in its settings (profanity).
 */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { startGajim } from '../drivers/gajim.ts';
import { startProfanity } from '../drivers/profanity.ts';
import type { AppPlace, StaffApp } from '../drivers/staff-app.ts';
import { DOMAIN, jesse, varun } from '../support/helpdesk.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { until } from '../support/wait.ts';
import { takeChat } from './chat.ts';

/** One pixel. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

async function bothWays(stage: Stage, app: StaffApp, place: AppPlace): Promise<void> {
  await app.seesLogin();
  const chris = await stage.visitor();
  const contact = await takeChat(app, chris);

  const photo = join(place.folder, 'photo.png');
  await writeFile(photo, PNG);
  await app.sendsFile?.(contact, photo);
  await chris.page.getByRole('img', { name: 'Picture photo.png' }).waitFor();
  await until('the picture is drawn', () =>
    chris.page.evaluate<boolean>("document.querySelector('.picture img').naturalWidth === 1"),
  );

  const mine = [{ name: 'receipt.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7 and so on') }];
  await chris.page.locator('input[type=file]').setInputFiles(mine);
  const address = `https://${DOMAIN}:${stage.gateway.ports.webTls}/files/${DOMAIN}/`;
  assert.equal(await app.seesText(address), contact);
  const [told] = (await app.textsFrom(contact)).filter((text) => text.includes(address));
  assert.match(told ?? '', /^https:\S+\/[0-9a-f]{40}\/receipt\.pdf$/u);
  await chris.keep(`files-${app.name.toLowerCase()}`);
}

test('profanity: files go both ways', async (t) => {
  const stage = await openStage(t);
  const place = await stage.place('profanity');
  await bothWays(stage, stage.use(await startProfanity(stage.account(varun), place)), place);
});

test('Gajim: files go both ways', async (t) => {
  const stage = await openStage(t);
  const place = await stage.place('gajim', { system: [stage.authority], unprivileged: true });
  await bothWays(stage, stage.use(await startGajim(stage.account(jesse), place)), place);
});
