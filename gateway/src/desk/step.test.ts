import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Act, SessionId } from '../bus/messages.ts';
import type { Chat, ChatId, Offer, OfferEnd, StaffId } from '../helpdesk/model.ts';
import type { HelpdeskEvent } from '../helpdesk/port.ts';
import { abilitiesOf } from './abilities.ts';
import type { Call, Result } from './calls.ts';
import { changedFields } from './checkpoint.ts';
import { projection, rosterSum } from './contacts/roster.ts';
import { restore } from './start.ts';
import type { Settings } from './state.ts';
import { type DeskEvent, step } from './step.ts';
import { FakeHelpdesk, SALES, SUPPORT, staffUser } from './testing/fake-helpdesk.ts';

const CAN = {
  ...abilitiesOf(FakeHelpdesk.prototype),
  note: true,
  notes: true,
  tag: true,
  push: true,
  ban: true,
  bans: true,
  liftBan: true,
  mail: true,
};
const settings: Settings = {
  place: { domain: 'acme.example', visitorsDomain: 'visitors.acme.example', timeZone: 'UTC' },
  windowClose: { enabled: true, grace: 20_000 },
  can: CAN,
  off: new Set(),
  canned: [{ name: 'hello', text: 'Hello {visitor}.' }],
};
const directory = {
  teams: [{ id: SALES, name: 'Sales' }],
  staff: [
    staffUser('jesse', 'Jesse Lee', { permissions: ['ban'] }),
    staffUser('varun', 'Varun Shah'),
    staffUser('ada', 'Ada', { teams: [SUPPORT] }),
  ],
};

const session = fc.constantFrom('s1', 's2', 's3', 'unknown') as fc.Arbitrary<SessionId>;
const staff = fc.constantFrom('jesse', 'varun', 'ada', 'nobody') as fc.Arbitrary<StaffId>;
const chatId = fc.constantFrom('c1', 'c2', 'unknown') as fc.Arbitrary<ChatId>;
const show = fc.constantFrom('available', 'chat', 'away', 'xa', 'dnd') as fc.Arbitrary<'away'>;
const state = fc.constantFrom('active', 'composing', 'paused', 'inactive', 'gone') as fc.Arbitrary<'gone'>;
const body = fc.oneof(
  fc.constantFrom('hello', '$end', '$help', '$queue', '$history 3', '$status busy x', '$', '\u200b', 'a\n$b'),
  fc.constantFrom(
    '$join',
    '$observe',
    '$leave',
    '$who',
    '$invite varun x',
    '$invite ada',
    '$transfer jesse',
    '$transfer team:sales',
    '$note x',
    '$tag a,b',
    '$canned send hello',
    '$canned',
    '$push https://a.example',
    '$ban',
    '$ban list',
    '$ban lift 1',
    '$mail a@b.example',
  ),
  fc.string({ unit: 'binary' }),
);

const chat: fc.Arbitrary<Chat> = fc
  .record({
    id: chatId,
    is: fc.constantFrom('waiting', 'running', 'ended'),
    by: fc.subarray(['jesse', 'varun']),
    observer: fc.option(fc.constantFrom('jesse', 'varun', 'ada')),
    line: fc.nat(5),
    name: fc.string(),
    present: fc.boolean(),
  })
  .map(({ id, is, by, observer, line, name, present }) => ({
    id,
    visitor: { name },
    team: SALES,
    phase:
      is === 'waiting'
        ? { is: 'waiting' }
        : is === 'running'
          ? { is: 'running', since: 1 }
          : { is: 'ended', at: 1, why: 'visitor' },
    waitingSince: 0,
    participants: is === 'waiting' ? [] : (by as StaffId[]),
    observers: observer === null || by.includes(observer) ? [] : [observer as StaffId],
    visitorPresent: present,
    question: 'Why?',
    lastLine: line,
  }));
const offer: fc.Arbitrary<Offer> = fc
  .record({
    id: fc.constantFrom('o1', 'o2'),
    chat: chatId,
    staff,
    by: staff,
    kind: fc.constantFrom('request', 'invitation', 'transfer') as fc.Arbitrary<'request'>,
    toTeam: fc.boolean(),
  })
  .map(({ toTeam, ...one }) => ({ ...one, at: 0, until: 60_000, ...(toTeam ? { team: SALES } : {}) }));

const target = fc.oneof(
  fc.record({ is: fc.constant('visitor' as const), chat: chatId }),
  fc.constant({ is: 'gateway' as const }),
);
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ type: fc.constant('session-opened' as const), session, staff, resource: fc.constantFrom('a', 'b') }),
  fc.record({
    type: fc.constant('session-presence' as const),
    session,
    availability: fc.option(fc.record({ show, priority: fc.constantFrom(-1, 0, 5) })),
  }),
  fc.record({
    type: fc.constantFrom('session-lost' as const, 'session-resumed' as const, 'session-closed' as const),
    session,
  }),
  fc.record({ type: fc.constant('roster-asked' as const), session, ask: fc.constant('r') }),
  fc.record({
    type: fc.constant('message' as const),
    session,
    to: target,
    message: fc.record({ id: fc.constantFrom('1', '2'), body }),
  }),
  fc.record({
    type: fc.constant('asked' as const),
    session,
    ask: fc.constantFrom('a1', 'a2'),
    question: fc.oneof(
      fc.record({ about: fc.constant('menu' as const), at: target }),
      fc.constant({ about: 'bans' as const }),
      fc.record({ about: fc.constant('visitor-card' as const), chat: chatId }),
    ),
  }),
  fc
    .record({
      session,
      ask: fc.constantFrom('a1', 'a2'),
      at: target,
      name: fc.constantFrom('end', 'note', 'tag', 'canned', 'invite', 'ban', 'status', 'who', 'mail', 'nothing'),
      values: fc.option(
        fc.dictionary(
          fc.constantFrom('text', 'tags', 'send', 'whom', 'why', 'lift', 'status', 'address', '__proto__'),
          fc.array(fc.oneof(fc.constantFrom('hello', '1', '"varun"', 'busy', '$end', ''), fc.string()), {
            maxLength: 2,
          }),
        ),
      ),
    })
    .map(({ values, ...one }) => ({ type: 'command' as const, ...one, ...(values === null ? {} : { values }) })),
  fc.record({
    type: fc.constant('proved' as const),
    session,
    proofs: fc.array(fc.constantFrom('line c1 1', 'line c1 99', 'offer o1', 'x', '', 'line c9 NaN')),
  }),
);
const told: fc.Arbitrary<HelpdeskEvent> = fc.oneof(
  fc.record({ type: fc.constant('chat' as const), chat }),
  fc.record({
    type: fc.constant('line' as const),
    chat: chatId,
    line: fc.record({
      number: fc.integer({ min: 1, max: 6 }),
      id: fc.constantFrom('l1', 'l2'),
      at: fc.constant(0),
      from: fc.oneof(
        fc.constant({ is: 'visitor' as const }),
        fc.constant({ is: 'notice' as const }),
        fc.record({ is: fc.constant('staff' as const), staff, name: fc.constant('X') }),
      ),
      text: fc.string(),
    }),
  }),
  fc.record({ type: fc.constant('offer' as const), offer }),
  fc.record({
    type: fc.constant('offer-ended' as const),
    offer,
    end: fc.constantFrom<OfferEnd>({ is: 'timed-out' }, { is: 'taken', by: 'varun' as StaffId }, { is: 'accepted' }),
  }),
  fc.record({ type: fc.constant('transfer-failed' as const), chat: chatId, by: staff, team: fc.constant(SALES) }),
  fc.record({ type: fc.constant('typing' as const), chat: chatId, on: fc.boolean() }),
  fc.record({ type: fc.constant('queue-full' as const), on: fc.boolean() }),
  fc.record({
    type: fc.constant('note' as const),
    chat: chatId,
    note: fc.record({ at: fc.constant(0), staff, name: fc.string(), text: fc.string() }),
  }),
  fc.record({
    type: fc.constant('directory' as const),
    teams: fc.subarray(directory.teams),
    staff: fc.subarray(directory.staff),
  }),
);
type Happening =
  { readonly event: DeskEvent } | { readonly answer: Result; readonly call: number } | { readonly wait: number };
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 6, arbitrary: act.map((one): Happening => ({ event: { is: 'act', act: one } })) },
  { weight: 4, arbitrary: told.map((event): Happening => ({ event: { is: 'helpdesk', event } })) },
  {
    weight: 2,
    arbitrary: fc
      .record({ type: fc.constant('typing' as const), session, chat: chatId, state })
      .map((signal): Happening => ({ event: { is: 'signal', signal } })),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      call: fc.nat(3),
      answer: fc.constantFrom<Result>(
        { is: 'done' },
        { is: 'fault', fault: { is: 'not-found' } },
        { is: 'fault', fault: { is: 'taken', by: 'varun' as StaffId } },
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc
      .oneof(
        fc.constantFrom<DeskEvent>({ is: 'away', since: 0 }, { is: 'back' }, { is: 'room' }),
        session.map((one): DeskEvent => ({ is: 'held', session: one })),
      )
      .map((event): Happening => ({ event })),
  },
  { weight: 2, arbitrary: fc.constantFrom(1, 2_000, 60_000).map((wait): Happening => ({ wait })) },
);

/** Runs a story; what it asks for, and what is stored of it in the end. */
function run(happenings: readonly Happening[]) {
  const desk = restore(settings, new Map(), [], 0);
  const outcomes: unknown[] = [];
  const calls: Call[] = [];
  const stored = new Map<string, string>();
  let now = 0;
  let number = 0;
  const take = (event: DeskEvent) => {
    const { deliveries, calls: asked, typing } = step(desk, event, now, `cause ${number++}`);
    calls.push(...asked);
    outcomes.push([deliveries, asked, typing]);
    for (const [key, value] of changedFields(desk)) {
      if (value === null) stored.delete(key);
      else stored.set(key, value);
    }
    desk.dirty.clear();
  };
  take({ is: 'started', snapshot: { ...directory, chats: [], offers: [] } });
  for (const one of happenings) {
    if ('event' in one) take(one.event);
    else if ('wait' in one) {
      now += one.wait;
      take({ is: 'time' });
    } else {
      const [call] = calls.splice(one.call, 1);
      if (call !== undefined) take({ is: 'result', call, result: one.answer });
    }
  }
  return { desk, outcomes, stored, now };
}

describe('a step', () => {
  it('takes whatever happens, and gives the same for the same', () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 40, size: 'max' }), (happenings) => {
        assert.deepEqual(run(happenings).outcomes, run(happenings).outcomes);
      }),
      { numRuns: 150 },
    );
  });
  it('never lets a command or an invisible text become a line', () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 40, size: 'max' }), (happenings) => {
        for (const outcome of run(happenings).outcomes) {
          const [, calls] = outcome as [unknown, readonly Call[]];
          for (const { verb } of calls)
            if ((verb.is === 'say' || verb.is === 'accept' || verb.is === 'join') && verb.words !== undefined)
              assert.match(verb.words.text, /^(?!\s*\$[a-z])[^]*[^\s]/u);
        }
      }),
      { numRuns: 150 },
    );
  });
  it('keeps each roster’s version, whatever changes in it', () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 40, size: 'max' }), (happenings) => {
        const { desk } = run(happenings);
        for (const { staff: id, rosterSum: sum } of desk.persons.values()) {
          const viewer = desk.staff.get(id);
          if (sum !== undefined && viewer !== undefined)
            assert.equal(sum, rosterSum(desk, viewer, projection(desk, viewer)));
        }
      }),
      { numRuns: 200 },
    );
  });
  it('leaves a state from which a desk begins as it was', () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 40, size: 'max' }), (happenings) => {
        const { desk, stored, now } = run(happenings);
        const again = restore(settings, stored, [], now);
        assert.deepEqual([...again.talks.keys()].sort(), [...desk.talks.keys()].sort());
        for (const [id, talk] of again.talks) {
          const before = desk.talks.get(id);
          assert.deepEqual(talk.feeds, before?.feeds);
          assert.deepEqual(talk.offers, before?.offers);
          assert.deepEqual(talk.recent, before?.recent);
          assert.deepEqual(talk.leaving, before?.leaving);
          assert.deepEqual(talk.playbacks, before?.playbacks);
          assert.equal(talk.label, before?.label);
        }
        assert.equal(again.dirty.size, 0, 'every field is known');
      }),
      { numRuns: 100 },
    );
  });
});
