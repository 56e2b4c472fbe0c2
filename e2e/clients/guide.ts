/**
 * One chat through all that the user guide says of several staff, files, menus and edited lines. `asking` is Jesse in
 * one app, `asked` is Varun in another one, and Chris is at the page.
 */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StaffApp } from '../drivers/staff-app.ts';
import type { Visitor } from '../drivers/visitor.ts';
import { DOMAIN, jesse, type StaffMember, varun } from '../support/helpdesk.ts';
import type { ClientRecord, PromiseName } from '../support/record.ts';
import type { Stage } from '../support/stage.ts';
import { until } from '../support/wait.ts';
import { pngOf } from '../web/open-page.ts';
import { counts, takeChat } from './chat.ts';

/** A client in a play: how it is started, and where what it shows is noted. */
export interface Player {
  start(stage: Stage, staff: StaffMember): Promise<StaffApp>;
  readonly record: ClientRecord;
}

/** One of the two in a play. */
export interface Part {
  readonly app: StaffApp;
  readonly record: ClientRecord;
}

interface Play {
  readonly stage: Stage;
  readonly chris: Visitor;
  readonly contact: string;
  /** When Chris asked, and when Varun was asked in. */
  readonly began: number;
  readonly asking: Part;
  readonly asked: Part;
}

/** How a promise is kept in every app that shows texts; an app that shows it otherwise says so itself. */
const USUAL: Readonly<Partial<Record<PromiseName, string>>> = {
  invite: 'typed; the answers are lines of the visitor’s window that begin with ▸',
  invited: 'two lines in the visitor’s window; `$end` declines',
  transcript: 'lines in the visitor’s window, those of colleagues with the name',
  conference: '“▸ Jesse Miller: …” in the visitor’s window',
  leave: 'typed; a line says that it is done',
  handOver: 'typed; a line says who has taken over',
  takeOver: 'two lines in the visitor’s window',
  join: 'typed to the visitor',
  observe: 'typed; what else is typed gets a line that says that it was not sent',
  fileIn: 'the address, as a link',
  colleague: 'typed to the colleague, who is a contact',
};

export async function playGuide(stage: Stage, { asking, asked }: Record<'asking' | 'asked', Player>): Promise<void> {
  const first = await begin(stage, asking, jesse);
  const chris = await stage.visitor();
  const began = Date.now();
  const contact = await takeChat(first.app, chris);
  await chris.says('It is number 12.');
  await first.app.seesText('It is number 12.');

  const play = { stage, chris, contact, began, asking: first, asked: await begin(stage, asked, varun) };
  await invitation(play);
  await conference(play);
  await leaving(play);
  await handOver(play);
  await observing(play);
  await joining(play);
  await files(play);
  await editing(play);
  await menus(play);
  await betweenColleagues(play);
  await ending(play);
  // the others are tried apart: an app that starts afresh
  for (const part of [play.asking, play.asked]) if (lacks(part, 'archive')) note(part, 'archive');
}

async function begin(stage: Stage, player: Player, staff: StaffMember): Promise<Part> {
  const app = stage.use(await player.start(stage, staff));
  await app.seesLogin();
  return { app, record: player.record };
}

const lacks = ({ app }: Part, promise: PromiseName): boolean => typeof app.shows[promise] === 'object';

/** Writes down how the app keeps a promise, after the check that it does, or why it cannot. */
export function note({ app, record }: Part, promise: PromiseName, instead = ''): void {
  const how = app.shows[promise] ?? USUAL[promise];
  if (typeof how === 'string') record.saw(promise, how);
  else if (how !== undefined) record.lacks(promise, `${how.not}${instead}`);
}

const bubble = (chris: Visitor, text: string | RegExp) => chris.page.locator('.bubble').filter({ hasText: text });

async function seesNotice(chris: Visitor, text: string, times = 1): Promise<void> {
  await until(
    `the page shows “${text}” ${times} times`,
    async () =>
      counts([await chris.screen()], [text])[0] === 1 && (await chris.screen()).split(text).length - 1 >= times,
    {
      screen: () => chris.screen(),
    },
  );
}

async function isChattingWith(chris: Visitor, names: string): Promise<void> {
  await chris.page.getByRole('status').getByText(`Chatting with ${names}`, { exact: true }).waitFor();
}

/** The texts among these that an app has from the visitor, in its order. */
async function order(app: StaffApp, contact: string, wanted: readonly string[]): Promise<readonly string[]> {
  return (await app.textsFrom(contact)).filter((text) => wanted.includes(text));
}

async function invitation({ chris, contact, began, asking, asked }: Play): Promise<void> {
  if (!lacks(asked, 'moved')) await asked.app.seesInGroup('Visitors (Chatting)', contact);
  await asking.app.says(contact, '$invite varun have you a minute');
  assert.equal(await asked.app.seesText('have you a minute'), contact);
  await asked.app.says(contact, '$end');
  await asking.app.seesText('Varun Rao has declined your invitation.');
  await asked.app.seesText('Declined.');

  const invited = Date.now();
  await asking.app.says(contact, '$invite Varun Rao you know the depot');
  await asking.app.seesText('Varun Rao is asked to join.');
  await asked.app.seesText('you know the depot');
  await asked.app.seesText('Jesse Miller invites you');
  await asked.app.seesText('The last lines');
  await asked.app.says(contact, 'Varun here.');
  await bubble(chris, 'Varun here.').waitFor();
  await seesNotice(chris, 'Varun Rao joined');
  await asking.app.seesText('Varun Rao has accepted your invitation.');
  await asking.app.seesText('Varun Rao: Varun here.');
  note(asking, 'invite');
  note(asked, 'invited');

  await chris.says('Good, two of you.');
  await Promise.all([asking, asked].map(({ app }) => app.seesText('Good, two of you.')));
  const before = ['Where is my order?', '▸ Jesse Miller: Let me look.', 'It is number 12.', 'Good, two of you.'];
  assert.deepEqual(await order(asked.app, contact, before), before, 'what was said before comes first');
  const said = await asked.app.saidAt?.(contact, 'Where is my order?');
  if (said !== undefined)
    assert.ok(said >= began - 1_000 && said < invited, `has its own time: ${String([began, said, invited])}`);
  note(asked, 'transcript');
}

async function conference({ chris, contact, asking, asked }: Play): Promise<void> {
  await isChattingWith(chris, 'Jesse Miller and Varun Rao');
  await asking.app.says(contact, 'I ask the depot.');
  await bubble(chris, 'I ask the depot.').waitFor();
  await asked.app.seesText('▸ Jesse Miller: I ask the depot.');
  await asked.app.says(contact, 'It is in Hamburg.');
  await bubble(chris, 'It is in Hamburg.').waitFor();
  await asking.app.seesText('▸ Varun Rao: It is in Hamburg.');
  assert.deepEqual(await chris.page.locator('.sender').allInnerTexts(), [
    'Jesse Miller',
    'Varun Rao',
    'Jesse Miller',
    'Varun Rao',
  ]);
  for (const part of [asking, asked]) note(part, 'conference');
  await chris.keep('conference');
}

async function leaving({ chris, contact, asking, asked }: Play): Promise<void> {
  await asking.app.says(contact, '$leave');
  await seesNotice(chris, 'Jesse Miller left');
  await isChattingWith(chris, 'Varun Rao');
  await asking.app.seesText('Jesse Miller left the chat.');
  await chris.says('Who is still here?');
  await asked.app.seesText('Who is still here?');
  await asked.app.says(contact, 'I am.');
  await bubble(chris, 'I am.').waitFor();
  assert.deepEqual(counts(await asking.app.textsFrom(contact), ['Who is still here?', 'I am.']), [0, 0]);
  note(asking, 'leave');
}

async function handOver({ chris, contact, asking, asked }: Play): Promise<void> {
  await asked.app.says(contact, '$transfer Jesse the depot called back');
  await asked.app.seesText('Jesse Miller is asked to take over.');
  await asking.app.seesText('Varun Rao hands the chat');
  await asking.app.seesText('the depot called back');
  await asking.app.says(contact, 'I take it from here.');
  await bubble(chris, 'I take it from here.').waitFor();
  await isChattingWith(chris, 'Jesse Miller');
  await asked.app.seesText('Jesse Miller has taken over the chat. You are no longer in it.');
  await asking.app.seesText('Who is still here?');
  await asking.app.seesText('▸ Varun Rao: I am.');
  await chris.says('Thank you, Varun.');
  await asking.app.seesText('Thank you, Varun.');
  note(asked, 'handOver');
  note(asking, 'takeOver');
}

async function observing({ chris, contact, asking, asked }: Play): Promise<void> {
  assert.deepEqual(counts(await asked.app.textsFrom(contact), ['Thank you, Varun.']), [0], 'Varun has left');
  await asked.app.says(contact, '$observe');
  await asked.app.seesText('You observe this chat.');
  await chris.says('It is a gift.');
  await asked.app.seesText('It is a gift.');
  await asking.app.says(contact, 'For whom?');
  await asked.app.seesText('▸ Jesse Miller: For whom?');
  await asked.app.says(contact, 'nobody may read this');
  await asked.app.seesText('Not sent: you observe this chat.');
  await chris.says('For my mother.');
  await asking.app.seesText('For my mother.');
  await asking.app.says(contact, '$who');
  await asking.app.seesText('In the chat: Jesse Miller (you).');
  await isChattingWith(chris, 'Jesse Miller');
  assert.ok(!(await chris.screen()).includes('nobody may read this'), 'on the page');
  assert.deepEqual(counts(await asking.app.textsFrom(contact), ['nobody may read this', 'bserv']), [0, 0]);
  await asked.app.says(contact, '$join');
  await seesNotice(chris, 'Varun Rao joined', 2);
  await asked.app.says(contact, 'Shall I wrap it?');
  await bubble(chris, 'Shall I wrap it?').waitFor();
  await asking.app.seesText('▸ Varun Rao: Shall I wrap it?');
  note(asked, 'observe');
}

async function joining({ chris, contact, asking, asked }: Play): Promise<void> {
  await asked.app.says(contact, '$leave');
  await isChattingWith(chris, 'Jesse Miller');
  note(asked, 'leave');
  await asked.app.says(contact, 'One more thing.');
  await bubble(chris, 'One more thing.').waitFor();
  await isChattingWith(chris, 'Jesse Miller and Varun Rao');
  await seesNotice(chris, 'Varun Rao joined', 3);
  await asking.app.seesText('▸ Varun Rao: One more thing.');
  note(asked, 'join');
}

async function files({ stage, chris, contact, asking, asked }: Play): Promise<void> {
  if (asked.app.sendsFile === undefined) {
    const link = 'https://shop.example/label.pdf';
    await asked.app.says(contact, link);
    await chris.page.locator('.bubble').getByRole('link', { name: link }).waitFor();
  } else {
    const photo = join(await stage.folder('photos'), 'gift-wrap.png');
    await writeFile(photo, pngOf(160, 120));
    await asked.app.sendsFile(contact, photo);
    const picture = chris.page.locator('.bubble').getByRole('img', { name: 'gift-wrap.png' });
    await picture.waitFor();
    await until('the page has the picture', () =>
      chris.page.evaluate<boolean>("document.querySelector('.bubble img').naturalWidth === 160"),
    );
    await asking.app.seesText('gift-wrap.png');
  }
  note(asked, 'fileOut', '; a link that is typed is a link on the page');

  const mine = { name: 'receipt.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7 and so on') };
  await chris.page.locator('input[type=file]').setInputFiles([mine]);
  const address = `https://${DOMAIN}:${stage.gateway.ports.webTls}/files/${DOMAIN}/`;
  for (const part of [asking, asked]) {
    assert.equal(await part.app.seesText('/receipt.pdf'), contact);
    const told = (await part.app.textsFrom(contact)).find((text) => text.endsWith('/receipt.pdf')) ?? '';
    assert.ok(told.startsWith(address) && /\/[0-9a-f]{40}\/receipt\.pdf$/u.test(told), told);
    const got = await chris.page.evaluate<string>(`fetch('${told}').then((response) => response.text())`);
    assert.equal(got, mine.buffer.toString());
    note(part, 'fileIn');
  }
  await until('nobody types any more', async () => !(await chris.screen()).includes('is typing…'), {
    screen: () => chris.screen(),
  });
  await chris.keep(`files-${asked.app.name.toLowerCase().replaceAll(/[^a-z0-9]+/gu, '-')}`);
}

async function editing({ chris, contact, asking, asked: { app, ...rest } }: Play): Promise<void> {
  const asked = { app, ...rest };
  if (app.corrects !== undefined) {
    await app.says(contact, 'It comes on Mnoday.');
    await bubble(chris, 'It comes on Mnoday.').waitFor();
    await app.corrects(contact, 'It comes on Monday.');
    await bubble(chris, /It comes on Monday\.\s*edited/u).waitFor();
    await asking.app.seesText('▸ Varun Rao: It comes on Monday.');
    assert.ok(!(await chris.texts()).some((text) => text.includes('Mnoday')), 'the wrong text is gone');
  }
  if (app.takesBack !== undefined) {
    await app.says(contact, 'This was for somebody else.');
    await bubble(chris, 'This was for somebody else.').waitFor();
    await app.takesBack(contact);
    await bubble(chris, 'Message removed').waitFor();
    assert.ok(!(await chris.texts()).some((text) => text.includes('for somebody else')), 'the text is gone');
  }
  note(asked, 'edit');

  await chris.says('Is the card in it?');
  await app.seesText('Is the card in it?');
  if (app.reacts !== undefined) {
    await app.reacts(contact, 'Is the card in it?', '👍');
    await chris.page.locator('.reactions').getByText('👍').waitFor();
    await asking.app.seesText('▸ Varun Rao reacted with 👍');
  }
  if (app.answers !== undefined) {
    await app.answers(contact, 'Is the card in it?', 'Yes, on top.');
    await bubble(chris, 'Yes, on top.').getByText('Is the card in it?').waitFor();
    assert.ok(!(await chris.screen()).includes('> '), 'no raw quote is on the page');
  }
  note(asked, 'react');
  await chris.keep(`edited-${app.name.toLowerCase().replaceAll(/[^a-z0-9]+/gu, '-')}`);
}

async function menus({ contact, asking }: Play): Promise<void> {
  const { app } = asking;
  if (app.runsFromMenu !== undefined) {
    const who = await app.runsFromMenu(contact, { command: 'who', title: 'Who is in this chat' });
    assert.match(who, /Jesse Miller \(you\), Varun Rao/u);
    await app.runsFromMenu(contact, {
      command: 'note',
      title: 'Write a note',
      values: { text: 'Gift wrapped, with a card' },
    });
  } else await app.says(contact, '$note Gift wrapped, with a card');
  await app.says(contact, '$info');
  await app.seesText('Gift wrapped, with a card');
  note(asking, 'menu', '; commands are typed');
}

async function betweenColleagues({ contact, asking, asked }: Play): Promise<void> {
  const [ofJesse, ofVarun] = [`${jesse.username}@${DOMAIN}`, `${varun.username}@${DOMAIN}`];
  await asking.app.says(ofVarun, 'Lunch at one?');
  assert.equal(await asked.app.seesText('Lunch at one?'), ofJesse);
  await asked.app.says(ofJesse, 'At two, with Chris done.');
  assert.equal(await asking.app.seesText('At two, with Chris done.'), ofVarun);
  for (const { app } of [asking, asked])
    assert.deepEqual(counts(await app.textsFrom(contact), ['Lunch', 'At two']), [0, 0], 'not in the chat');
  for (const part of [asking, asked]) note(part, 'colleague');
}

async function ending({ chris, contact, asking, asked }: Play): Promise<void> {
  await asked.app.says(contact, '$end');
  await isChattingWith(chris, 'Jesse Miller');
  await asking.app.says(contact, 'Goodbye.');
  await bubble(chris, 'Goodbye.').waitFor();
  await asking.app.says(contact, '$end');
  await chris.sees('This chat is over');
  await Promise.all([asking, asked].map(({ app }) => app.seesGone(contact)));

  const own = ['Where is my order?', 'It is number 12.', 'Good, two of you.', 'Who is still here?', 'For my mother.'];
  const answers = ['Let me look.', 'Varun here.', 'I ask the depot.', 'I take it from here.', 'One more thing.'];
  const once = (lines: readonly string[]): readonly number[] => lines.map(() => 1);
  const page = await chris.texts();
  assert.deepEqual(counts(page, [...own, ...answers]), once([...own, ...answers]), 'every line is on the page once');
  const never = ['$', 'nobody may read this', 'Gift wrapped', 'depot called', 'invite', 'Lunch', 'At two'];
  assert.deepEqual(
    counts(page, never),
    [0, 0, 0, 0, 0, 0, 0],
    'no command, note or text to a colleague is on the page',
  );
  for (const { app } of [asking, asked])
    assert.deepEqual(await order(app, contact, own), own, `every line of the visitor is in ${app.name} once`);
}
