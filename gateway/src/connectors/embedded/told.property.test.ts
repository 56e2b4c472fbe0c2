import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { HelpdeskError } from '../../helpdesk/errors.ts';
import type { Chat, ChatId, Offer } from '../../helpdesk/model.ts';
import { Bench, boss, configOf, jesse, mia, SALES, SUPPORT, TENANT, varun } from './testing/bench.ts';
import { SiteError } from './visitor-site.ts';

/** What somebody knows who heard the snapshot and every event since. */
class Listener {
  readonly chats = new Map<ChatId, Chat>();
  readonly offers = new Map<string, Offer>();
  readonly lines = new Map<ChatId, number>();
  #heard = 0;

  hear({ events }: Bench): void {
    for (const event of events.slice(this.#heard)) {
      if (event.type === 'chat' && event.chat.phase.is === 'ended') this.chats.delete(event.chat.id);
      else if (event.type === 'chat') this.chats.set(event.chat.id, event.chat);
      else if (event.type === 'offer') this.offers.set(event.offer.id, event.offer);
      else if (event.type === 'offer-ended') assert.ok(this.offers.delete(event.offer.id), 'an offer ends once');
      else if (event.type === 'line') {
        assert.equal(event.line.number, (this.lines.get(event.chat) ?? 0) + 1, 'lines come in order');
        this.lines.set(event.chat, event.line.number);
      }
    }
    this.#heard = events.length;
  }
}

const staff = fc.constantFrom(jesse, varun, mia, boss);
const happening = fc.record({
  does: fc.constantFrom(
    'ask', 'accept', 'accept', 'accept', 'say', 'end', 'leave', 'invite', 'transfer', 'hand-over', 'join', 'observe', 'stop observing',
    'come', 'drop', 'go', 'give back', 'decline', 'visitor says', 'close page', 'ban', 'time',
  ), // prettier-ignore
  one: fc.nat({ max: 9 }),
  by: staff,
  whom: staff,
  team: fc.constantFrom(SALES, SUPPORT),
  seconds: fc.constantFrom(1, 10, 30, 70, 310),
});
type Happening = typeof happening extends fc.Arbitrary<infer Of> ? Of : never;
/** What happens at once; `kept`: the disk takes it. */
const moment = fc.record({
  at: fc.array(happening, { minLength: 1, maxLength: 2 }),
  kept: fc.integer({ min: 0, max: 4 }).map((chance) => chance > 0),
});

async function happen(bench: Bench, { chats: open, offers }: Listener, what: Happening): Promise<void> {
  const { does, one, whom, team, seconds } = what;
  const { helpdesk } = bench;
  const call = bench.call();
  const chats = [...bench.tickets.keys()].slice(-4);
  const chat = chats[one % chats.length] ?? ('none' as ChatId);
  // mostly somebody who may
  const isAsked = does === 'accept' || does === 'join';
  const asked = [...offers.values()].find((offer) => offer.chat === chat)?.staff;
  const by = (one < 7 ? (isAsked ? asked : open.get(chat)?.participants.at(-1)) : undefined) ?? what.by;
  switch (does) {
    case 'ask':
      return void (await bench.asks('Hello?', { team }));
    case 'accept':
      return helpdesk.accept(call, chat, by, bench.words('Hi'));
    case 'say':
      return helpdesk.say(call, chat, by, bench.words('so'));
    case 'end':
      return helpdesk.end(call, chat, by);
    case 'leave':
      return helpdesk.leave(call, chat, by);
    case 'invite':
      return helpdesk.invite(call, chat, by, whom);
    case 'transfer':
      return helpdesk.transfer(call, chat, by, { is: 'staff', staff: whom });
    case 'hand-over':
      return helpdesk.transfer(call, chat, by, { is: 'team', team });
    case 'join':
      return helpdesk.join(call, chat, by);
    case 'observe':
    case 'stop observing':
      return helpdesk.observe(call, chat, by, does === 'observe');
    case 'come':
      return helpdesk.setStatus(call, by, 'online');
    case 'drop':
      return helpdesk.setStatus(call, by, 'away', undefined, true);
    case 'go':
      return helpdesk.setStatus(call, by, 'offline');
    case 'give back':
      return helpdesk.giveBack(call, by);
    case 'decline': {
      const offer = [...offers.values()][one % offers.size];
      return offer && helpdesk.decline(call, offer, 'declined');
    }
    case 'visitor says':
      return bench.says(chat, 'and');
    case 'close page':
      bench.closesPage(chat);
      return undefined;
    case 'ban':
      return helpdesk.ban(call, chat, boss);
    case 'time':
      return bench.advance(seconds * 1_000);
  }
}

const isRefusal = (error: unknown) => error instanceof HelpdeskError || error instanceof SiteError;

describe('what is told', () => {
  for (const strategy of ['round-robin', 'open-queue'] as const) {
    it(`is what is kept, whatever happens and whatever the disk refuses (${strategy})`, async () => {
      const story = fc.array(moment, { maxLength: 40, size: 'max' });
      await fc.assert(
        fc.asyncProperty(story, async (moments) => {
          const bench = new Bench({ helpdesk: { ring: { ...configOf().helpdesk.ring, strategy } } });
          await bench.open();
          for (const one of [jesse, varun, mia, boss]) await bench.helpdesk.setStatus(bench.call(), one, 'online');
          const chat = await bench.asks('Hello?');
          await bench.helpdesk.accept(bench.call(), chat, jesse, bench.words('Hi'));
          const listener = new Listener();
          const write = bench.store.write.bind(bench.store);
          for (const { at, kept } of moments) {
            if (!kept) Object.assign(bench.store, { write: () => Promise.reject(new Error('disk')) });
            const outcomes = await Promise.allSettled(at.map((what) => happen(bench, listener, what)));
            Object.assign(bench.store, { write });
            for (const one of outcomes) if (one.status === 'rejected' && !isRefusal(one.reason)) throw one.reason;
            listener.hear(bench);
          }
          await bench.advance(2_000);
          listener.hear(bench);
          const snapshot = await (await bench.restart()).open(() => undefined);
          // of lines a chat's last event does not tell
          const known = [...listener.chats.values()].map((chat) => ({
            ...chat,
            lastLine: listener.lines.get(chat.id) ?? 0,
          }));
          const byId = <Of extends { readonly id: string }>(all: Iterable<Of>) =>
            [...all].toSorted((a, b) => (a.id < b.id ? -1 : 1));
          assert.deepEqual(byId(known), byId(snapshot.chats));
          assert.deepEqual(byId(listener.offers.values()), byId(snapshot.offers));
          for (const { id, lastLine } of snapshot.chats) {
            const lines = await bench.store.lines(TENANT, id, 0, 1_000);
            assert.deepEqual([lines.length, lines.at(-1)?.number], [lastLine, lastLine]);
          }
          await bench.close();
        }),
        { numRuns: 50 },
      );
    });
  }
});
