import assert from 'node:assert/strict';
import type { StaffApp } from '../drivers/staff-app.ts';
import type { Visitor } from '../drivers/visitor.ts';
import type { CuttableProxy } from '../support/cuttable-proxy.ts';
import { DOMAIN, jesse, type StaffMember, VISITORS, varun } from '../support/helpdesk.ts';
import type { ClientRecord, PromiseName } from '../support/record.ts';

/** `▸`: what in a visitor's window is not the visitor's own words. */
const MARK = '\u25b8';
const GATEWAY = `gateway@${VISITORS}`;
const EMAIL = 'chris@example.org';

/** How often each text was shown, in order of their first time. */
export function counts(texts: readonly string[], wanted: readonly string[]): readonly number[] {
  return wanted.map((one) => texts.filter((text) => text.includes(one)).length);
}

/** A running chat: the visitor asked, and the app answered. */
export async function takeChat(app: StaffApp, chris: Visitor, question = 'Where is my order?'): Promise<string> {
  await chris.asks('Chris', 'Sales', question);
  const contact = await app.seesText(question);
  await app.says(contact, 'Let me look.');
  await chris.sees('Let me look.');
  return contact;
}

/** Everything of a chat that goes well, as the staff user at `app` and the visitor see it; what is seen goes into `record`. */
export async function chatFromRequestToEnd(
  app: StaffApp,
  staff: StaffMember,
  chris: Visitor,
  record?: ClientRecord,
): Promise<void> {
  const colleague = staff === jesse ? varun : jesse;
  const lacks = (promise: PromiseName): boolean => typeof app.shows[promise] === 'object';
  const note = (promise: PromiseName, instead = ''): void => {
    const how = app.shows[promise];
    if (typeof how === 'string') record?.saw(promise, how);
    else if (how !== undefined) record?.lacks(promise, `${how.not}${instead}`);
  };
  /** Where the app cannot show it, the person asks. */
  const asks = async (command: string, answer: string): Promise<void> => {
    await app.says(GATEWAY, command);
    await app.seesText(answer);
  };

  await app.seesLogin();
  note('login');
  if (lacks('teams')) await asks('$staff', staff.name);
  else await app.seesInGroup('Sales', `${colleague.username}@${DOMAIN}`);
  note('teams', '; `$staff` tells it');
  await chris.keep('start-form');

  await chris.asks('Chris', 'Sales', 'Where is my order?', EMAIL);
  const contact = await app.seesText('Where is my order?');
  assert.match(contact, new RegExp(`^[a-z0-9]{16,64}@${VISITORS}$`, 'u'));
  if (lacks('moved')) await asks('$queue', 'Chris');
  else await app.seesInGroup('Visitors (Waiting)', contact);
  await app.seesText('Sales');
  const lines = (await app.textsFrom(contact)).slice(0, 2);
  if (app.mixesFirstLines === true) lines.sort((a, b) => Number(a.startsWith(MARK)) - Number(b.startsWith(MARK)));
  const [question, notice] = lines;
  assert.equal(question, 'Where is my order?');
  assert.ok(notice?.startsWith(MARK), `the notice begins with the mark: ${String(notice)}`);
  note('request');
  await chris.keep('waiting');

  await app.types(contact);
  await app.says(contact, 'Let me look.');
  await chris.sees('Let me look.');
  await chris.sees(staff.name);
  note('reply');
  if (!lacks('moved')) await app.seesInGroup('Visitors (Chatting)', contact);
  note('moved', '; `$queue` tells it');
  await chris.types('It is num');
  if (!lacks('typingInApp')) await app.seesTyping(contact);
  note('typingInApp');
  await chris.says('It is number 12.');
  await app.seesText('It is number 12.');
  if (!lacks('typingToPage')) {
    await app.types(contact);
    await chris.sees(`${staff.name} is typing…`);
  }
  note('typingToPage');
  await chris.keep('running');
  await app.says(contact, 'It costs $5 and is on its way.');
  await chris.sees('It costs $5 and is on its way.');
  await app.seesInCard?.(contact, EMAIL);
  await app.says(contact, '$info');
  await app.seesText(EMAIL);
  note('card', '; `$info` tells it');

  await app.says(contact, '$end');
  await chris.sees('This chat is over');
  await app.seesGone(contact);
  note('end');
  await chris.keep('ended');

  const own = ['Where is my order?', 'It is number 12.'];
  const answers = ['Let me look.', 'It costs $5 and is on its way.'];
  const page = await chris.texts();
  assert.deepEqual(counts(page, [...own, ...answers]), [1, 1, 1, 1], 'every line is on the page once');
  assert.deepEqual(counts(page, ['$end', '$info']), [0, 0], 'no command is on the page');
  assert.deepEqual(counts(await app.textsFrom(contact), own), [1, 1], 'every line of the visitor is in the app once');
}

/** What the visitor says is lost on its way to the app, whose own words arrive. */
export async function loseWords(proxy: CuttableProxy, app: StaffApp, contact: string, chris: Visitor): Promise<void> {
  proxy.lose('to-app');
  await chris.says('lost on its way to the app');
  await chris.seesStored('lost on its way to the app');
  await app.says(contact, 'said when no answer came back');
  await chris.sees('said when no answer came back');
}

/**
 * A connection that has lost words is cut, the app resumes, and both sides have every line once. Words that never
 * reached the gateway are not tried: these apps drop them when they ask for the resumption.
 */
export async function cutAndResume(
  proxy: CuttableProxy,
  app: StaffApp & { seesResumption(times: number): Promise<unknown> },
  contact: string,
  chris: Visitor,
): Promise<void> {
  await loseWords(proxy, app, contact, chris);
  proxy.cut();
  proxy.lose('none');
  await app.seesResumption(1);
  await app.seesText('lost on its way to the app');
  await app.says(contact, 'said after it came back');
  await chris.sees('said after it came back');
  await chris.says('Are you there?');
  await app.seesText('Are you there?');

  const answers = ['Let me look.', 'said when no answer came back', 'said after it came back'];
  assert.deepEqual(counts(await chris.texts(), answers), [1, 1, 1], 'on the page');
  const lines = ['Where is my order?', 'lost on its way to the app', 'Are you there?'];
  assert.deepEqual(counts(await app.textsFrom(contact), lines), [1, 1, 1], 'in the app');
}

/** The same, and the network stays away for a while; the app comes back by itself, and has all lines in their order. */
export async function comeBackByItself(
  proxy: CuttableProxy,
  app: StaffApp & { seesResumption(times: number): Promise<unknown> },
  contact: string,
  chris: Visitor,
): Promise<void> {
  await loseWords(proxy, app, contact, chris);
  proxy.setDown(true);
  proxy.cut();
  proxy.lose('none');
  await chris.says('said while the network is down');
  proxy.setDown(false);
  await app.seesResumption(1);
  await app.seesText('said while the network is down');
  await app.says(contact, 'I am here again.');
  await chris.sees('I am here again.');

  const answers = ['Let me look.', 'said when no answer came back', 'I am here again.'];
  assert.deepEqual(counts(await chris.texts(), answers), [1, 1, 1], 'on the page');
  const lines = ['Where is my order?', 'lost on its way to the app', 'said while the network is down'];
  assert.deepEqual(
    (await app.textsFrom(contact)).filter((text) => lines.includes(text)),
    lines,
    'in the app, in order',
  );
}
