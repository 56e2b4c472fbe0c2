import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ChatId, StaffId, TeamId } from '../../../helpdesk/model.ts';
import { type ChatState, revived, type RunningChat } from './chat.ts';
import { type ChatEvent, step } from './step.ts';

const begun: RunningChat = {
  is: 'running',
  id: 'c' as ChatId,
  team: 'sales' as TeamId,
  card: { name: 'Chris' },
  question: 'Hello?',
  startedAt: 0,
  since: 0,
  waitingSince: 0,
  lastLine: 2,
  lastWordsAt: 0,
  requests: 1,
  participants: ['ann' as StaffId],
  observers: [],
  invitations: [],
};

const staff = fc.constantFrom(...(['ann', 'ben', 'cem', 'dee'] as StaffId[]));
const speaker = staff.map((id) => ({ id, name: id }));
const team = fc.constantFrom(...(['sales', 'support'] as TeamId[]));
const words = fc.nat().map((id) => ({ id: `w${id}`, text: 'x' }));
const asking = fc.record({ by: staff, until: fc.constant(60_000) });
const of = <Type extends ChatEvent['type']>(type: Type) => fc.constant(type);

const often = (arbitrary: fc.Arbitrary<ChatEvent>) => ({ weight: 6, arbitrary });
const seldom = (arbitrary: fc.Arbitrary<ChatEvent>) => ({ weight: 2, arbitrary });

const event: fc.Arbitrary<ChatEvent> = fc.oneof(
  often(fc.record({ type: of('accepted'), staff: speaker, words })),
  seldom(fc.record({ type: of('joined'), staff: speaker })),
  often(fc.record({ type: of('invited'), whom: staff, asking })),
  often(fc.record({ type: of('transferring'), whom: staff, asking })),
  often(fc.record({ type: of('handing-over'), by: staff, team })),
  often(fc.record({ type: of('asking'), staff: fc.uniqueArray(staff, { maxLength: 3 }), until: fc.constant(60_000) })),
  seldom(fc.record({ type: of('gave-up') })),
  seldom(fc.nat(30).map((number) => ({ type: 'offers-over', ends: new Map([[`c.r${number}`, { is: 'declined' }]]) }))),
  often(fc.record({ type: of('observing'), staff, on: fc.boolean() })),
  seldom(fc.record({ type: of('staff-said'), staff: speaker, words })),
  seldom(fc.record({ type: of('staff-left'), staff: speaker, why: fc.constantFrom('left' as const, 'lost' as const) })),
  seldom(fc.record({ type: of('staff-ended'), staff: speaker })),
);

const SILENT: ReadonlySet<string> = new Set([
  'invited',
  'transferring',
  'handing-over',
  'asking',
  'gave-up',
  'offers-over',
  'observing',
]);

function distinct(all: readonly string[], what: string): void {
  assert.equal(new Set(all).size, all.length, what);
}

function check(chat: ChatState): void {
  assert.deepEqual(JSON.parse(JSON.stringify(chat)), chat, 'is kept as it is');
  assert.deepEqual(revived(chat), chat);
  if (chat.is !== 'running') return;
  const { participants, observers, invitations, handOver } = chat;
  assert.ok(participants.length > 0, 'somebody takes part');
  distinct(participants, 'takes part once');
  distinct([...participants, ...observers], 'nobody takes part and observes');
  distinct(
    [...participants, ...invitations.map((offer) => offer.staff)],
    'who takes part is not asked, nobody is twice',
  );
  for (const offer of invitations) {
    if (offer.kind === 'transfer') assert.ok(participants.includes(offer.by), 'who hands over takes part');
  }
  if (handOver !== undefined) {
    assert.ok(participants.includes(handOver.by));
    distinct(handOver.asked, 'each is asked once for a hand-over');
  }
}

describe('a chat of several staff, whatever happens', () => {
  it('somebody takes part while it runs, nobody in two ways, and each offer ends once', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        let chat: ChatState = begun;
        const open = new Set<string>();
        const seen = new Set<string>();
        for (const one of events) {
          const before: ChatState = chat;
          const result: ReturnType<typeof step> = step(before, one, 1_000);
          if (result.is === 'refused') continue;
          chat = result.chat;
          check(chat);
          for (const { offer } of result.offers) assert.ok(open.delete(offer.id), `${offer.id} ended and was not open`);
          for (const { id } of result.opened ?? []) {
            assert.ok(!seen.has(id), `${id} is not new`);
            seen.add(id);
            open.add(id);
          }
          const asked = chat.is === 'running' ? chat.invitations.map((offer) => offer.id) : [];
          assert.deepEqual([...open].sort(), [...asked].sort(), 'what is told is what is kept');
          assert.deepEqual(
            result.lines.map((line) => line.number),
            result.lines.map((_line, index) => before.lastLine + 1 + index),
          );
          if (SILENT.has(one.type)) assert.deepEqual(result.lines, [], `the visitor reads of ${one.type}`);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
