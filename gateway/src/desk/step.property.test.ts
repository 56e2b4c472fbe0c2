import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock, settled, silentLogger } from '@chat-gateway/runtime';
import fc from 'fast-check';
import type { Act, ChatState, Item, RosterItem, SessionId } from '../bus/messages.ts';
import type { Fault } from '../helpdesk/errors.ts';
import type { StaffId } from '../helpdesk/model.ts';
import { abilitiesOf } from './abilities.ts';
import { createCallRunner } from './call-runner.ts';
import { projection, rosterSum } from './contacts/roster.ts';
import { restore, started } from './start.ts';
import { appOf, appsOf, type Desk } from './state.ts';
import { type DeskEvent, step } from './step.ts';
import { FakeHelpdesk, staffUser, SUPPORT } from './testing/fake-helpdesk.ts';
import { type Outcome, Turn } from './turn.ts';

const STAFF = ['jesse', 'varun', 'mia', 'boss'] as const;
/** `ID` is the message's own, `WHOM` some staff user. */
const TEXTS = [
  ...['ID', 'ID', 'ID', '$end', '$leave', '$join', '$observe', '$who', '$history'],
  ...['$invite WHOM', '$transfer WHOM', '$transfer team:support'],
];
const VERBS = ['say', 'accept', 'join', 'invite', 'transfer', 'observe', 'end', 'leave'] as const;
const FAULTS = [{ is: 'unreachable' }, { is: 'not-found' }, { is: 'taken' }, 'hang', 'answer-lost'] as const;

const index = fc.nat(99);
const move = fc.oneof(
  fc.record({
    is: fc.constant('logs in' as const),
    who: fc.constantFrom(...STAFF),
    resource: fc.constantFrom('a', 'b'),
  }),
  fc.record({
    is: fc.constant('goes' as const),
    app: index,
    how: fc.constantFrom('closed' as const, 'lost' as const, 'away' as const, 'unavailable' as const),
  }),
  fc.record({ is: fc.constant('asks' as const), of: fc.constantFrom(...STAFF), isForSupport: fc.boolean() }),
  fc.record({ is: fc.constant('visitor says' as const), chat: index }),
  fc.record({ is: fc.constant('visitor ends' as const), chat: index }),
  ...Array.from({ length: 4 }, () =>
    fc.record({
      is: fc.constant('writes' as const),
      app: index,
      chat: index,
      text: fc.constantFrom(...TEXTS),
      whom: fc.constantFrom(...STAFF),
    }),
  ),
  fc.record({
    is: fc.constant('types' as const),
    app: index,
    chat: index,
    state: fc.constantFrom<ChatState>('composing', 'active', 'gone', 'inactive'),
  }),
  fc.record({
    is: fc.constant('fails' as const),
    verb: fc.constantFrom(...VERBS),
    fault: fc.constantFrom<Fault | 'hang' | 'answer-lost'>(...FAULTS),
  }),
  fc.record({
    is: fc.constant('fails' as const),
    verb: fc.constant('history'),
    fault: fc.constantFrom(FAULTS[0], 'hang' as const),
  }),
  fc.record({ is: fc.constant('waits' as const), seconds: fc.nat(15) }),
  fc.record({ is: fc.constant('proves' as const), app: index }),
);
type Move = typeof move extends fc.Arbitrary<infer M> ? M : never;

/** What an app has of what it was sent. */
class App {
  readonly staff: StaffId;
  readonly roster = new Map<string, RosterItem>();
  readonly presences = new Map<string, string>();
  /** Numbers of the lines, by chat. */
  readonly lines = new Map<string, number[]>();
  /** Ids of messages that came back. */
  readonly refused: string[] = [];
  proofs: string[] = [];

  constructor(staff: string) {
    this.staff = staff as StaffId;
  }

  /** Presence is not kept for an app that is cut off. */
  gets(item: Item, isCut: boolean): void {
    if (isCut && item.kind === 'presence') return;
    switch (item.kind) {
      case 'roster':
        for (const one of item.items ?? []) this.roster.set(one.jid, one);
        break;
      case 'roster-push':
        if (!('removed' in item.item)) return void this.roster.set(item.item.jid, item.item);
        assert.ok(isCut || !this.presences.has(item.item.jid), 'a contact goes offline before it goes');
        assert.ok(this.roster.delete(item.item.jid), 'only what is there goes');
        break;
      case 'presence': {
        const [jid = '', resource = ''] = item.from.split('/');
        // other apps of the same user
        if (resource.length === 1) break;
        // said again after a resume, also of what has gone
        if (item.show === 'unavailable') return void this.presences.delete(jid);
        assert.ok(this.roster.has(jid), 'a contact is there before it comes online');
        this.presences.set(jid, `${item.show} ${item.status ?? ''}`);
        break;
      }
      case 'message':
        if (item.proof !== undefined) this.proofs.push(item.proof);
        this.#line(item.proof ?? '');
        break;
      case 'refusal':
        this.refused.push(item.of ?? '');
        break;
      default:
    }
  }

  #line(proof: string): void {
    const [what, chat = '', number] = proof.split(' ');
    if (what === 'line') this.lines.set(chat, [...(this.lines.get(chat) ?? []), Number(number)]);
  }
}

class World {
  readonly clock = new ManualClock();
  readonly helpdesk = new FakeHelpdesk(
    () => this.clock.now(),
    staffUser('jesse', 'Jesse Lee'),
    staffUser('varun', 'Varun Shah'),
    staffUser('mia', 'Mia Wong', { teams: [SUPPORT] }),
    staffUser('boss', 'Bo Chief', { teams: [], permissions: ['all-teams', 'observe'] }),
  );
  readonly apps = new Map<SessionId, App>();
  /** Texts for visitors, and who wrote each. */
  readonly written = new Map<string, SessionId>();
  readonly desk: Desk = restore(
    {
      place: { domain: 'a.test', visitorsDomain: 'v.test', timeZone: 'UTC' },
      windowClose: { enabled: true, grace: 20_000 },
      can: abilitiesOf(this.helpdesk),
      off: new Set(),
      canned: [],
    },
    new Map(),
    [],
    this.clock.now(),
  );
  readonly #calls = createCallRunner({
    helpdesk: this.helpdesk,
    clock: this.clock,
    jitter: () => 0.5,
    log: silentLogger,
    onSlow: (call) => {
      this.#happens({ is: 'slow', call });
    },
    onAway: (since) => {
      this.#happens({ is: 'away', since });
    },
    onBack: () => {
      this.#happens({ is: 'back' });
    },
  });
  #made = 0;

  async open(): Promise<void> {
    const snapshot = await this.helpdesk.open((event) => {
      this.#happens({ is: 'helpdesk', event });
    });
    const turn = new Turn(this.clock.now(), 'start');
    started(this.desk, turn, snapshot);
    this.#carryOut(turn);
  }

  close(): void {
    this.#calls.stop();
  }

  #happens(event: DeskEvent): void {
    this.#carryOut(step(this.desk, event, this.clock.now(), `cause ${this.#made++}`));
  }

  #carryOut({ deliveries, calls }: Outcome): void {
    for (const { sessions, item } of deliveries)
      for (const id of sessions) this.apps.get(id)?.gets(item, this.desk.sessions.get(id)?.attached === false);
    for (const call of calls)
      void this.#calls.run(call).then(
        (result) => {
          this.#happens({ is: 'result', call, result });
        },
        () => undefined,
      );
  }

  async passes(seconds: number): Promise<void> {
    await settled();
    for (let second = 0; second < seconds; second++) {
      await this.clock.advance(1_000);
      this.#happens({ is: 'time' });
    }
    await settled();
  }

  #does(act: Act): void {
    this.#happens({ is: 'act', act });
  }

  proves(session: SessionId): void {
    const proofs = this.apps.get(session)?.proofs ?? [];
    const app = this.apps.get(session);
    if (app !== undefined) app.proofs = [];
    this.#does({ type: 'proved', session, proofs });
  }

  #logsIn(who: string, resource: string): void {
    const session = `${who}-${this.#made++}` as SessionId;
    for (const [id, { staff }] of this.apps)
      if (staff === who && this.desk.sessions.get(id)?.resource === resource) this.apps.delete(id);
    this.apps.set(session, new App(who));
    this.#does({ type: 'session-opened', session, staff: who as StaffId, resource });
    this.#does({ type: 'roster-asked', session, ask: 'r' });
    this.#does({ type: 'session-presence', session, availability: { show: 'available', priority: 0 } });
  }

  #goes(session: SessionId, how: Extract<Move, { is: 'goes' }>['how']): void {
    const show = how === 'away' ? ({ show: 'away', priority: 0 } as const) : null;
    if (how === 'closed') this.apps.delete(session);
    if (how === 'closed') this.#does({ type: 'session-closed', session });
    else if (how === 'lost') this.#comesAndGoes(session);
    else this.#does({ type: 'session-presence', session, availability: show });
    if (how === 'unavailable') this.apps.get(session)?.presences.clear();
  }

  #comesAndGoes(session: SessionId): void {
    const isThere = this.desk.sessions.get(session)?.attached === true;
    this.#does({ type: isThere ? 'session-lost' : 'session-resumed', session });
  }

  async do(what: Move): Promise<void> {
    const { helpdesk } = this;
    const pick = <One>(some: Iterable<One>, at: number): One | undefined => {
      const all = Array.from(some);
      return all[at % Math.max(1, all.length)];
    };
    const session = 'app' in what ? pick(this.apps.keys(), what.app) : undefined;
    const chat = 'chat' in what ? pick(helpdesk.chats.keys(), what.chat) : undefined;
    const isOpen = chat !== undefined && helpdesk.chats.get(chat)?.phase.is !== 'ended';
    switch (what.is) {
      case 'logs in':
        return this.#logsIn(what.who, what.resource);
      case 'goes':
        return session === undefined ? undefined : this.#goes(session, what.how);
      case 'asks': {
        const id = `c${this.#made++}`;
        const asked = helpdesk.waits(id, 'Chris', 'Hello?', what.isForSupport ? { team: SUPPORT } : {});
        return void helpdesk.asks(asked, what.of);
      }
      case 'visitor says':
        return isOpen ? helpdesk.visitorSays(chat, 'And?') : undefined;
      case 'visitor ends':
        return isOpen ? helpdesk.ends(chat, 'visitor') : undefined;
      case 'writes': {
        if (session === undefined || chat === undefined) return;
        const id = `m${this.#made++}`;
        const body = what.text.replace('ID', id).replace('WHOM', what.whom);
        if (body === id) this.written.set(id, session);
        return this.#does({ type: 'message', session, to: { is: 'visitor', chat }, message: { id, body } });
      }
      case 'types':
        if (session !== undefined && chat !== undefined)
          this.#happens({ is: 'signal', signal: { type: 'typing', session, chat, state: what.state } });
        return;
      case 'fails':
        return void helpdesk.faults.set(what.verb, [what.fault]);
      case 'waits':
        return this.passes(what.seconds);
      case 'proves':
        return session === undefined ? undefined : this.proves(session);
    }
  }

  /** Everything that was begun has come to an end. */
  async quiet(): Promise<void> {
    this.helpdesk.faults.clear();
    for (const id of this.apps.keys()) if (this.desk.sessions.get(id)?.attached === false) this.#comesAndGoes(id);
    await this.passes(75);
    for (let page = 0; page < 4; page++) {
      for (const id of this.apps.keys()) this.proves(id);
      await this.passes(1);
    }
  }
}

function isOver({ desk, helpdesk }: World): void {
  for (const talk of desk.talks.values()) {
    const { accepting, closing, handingOver, handedOver, toObserve, pending } = talk;
    const left = { accepting, closing, handingOver, handedOver, toObserve, pending };
    for (const [what, some] of Object.entries(left)) assert.equal(some.size, 0, `${what} of ${talk.chat.id}`);
    assert.equal(talk.fetching, false, `a read of ${talk.chat.id}`);
    for (const offer of talk.offers.keys()) assert.ok(helpdesk.offers.has(offer), offer);
  }
  assert.equal(desk.replies.size, 0);
}

function hasItsContacts({ desk, apps }: World): void {
  for (const [id, app] of apps) {
    const viewer = desk.staff.get(app.staff);
    assert.ok(viewer !== undefined);
    const wanted = projection(desk, viewer);
    const items = Array.from(wanted, ([jid, { item }]) => [jid, item] as const);
    assert.deepEqual(app.roster, new Map(items));
    assert.equal(desk.persons.get(app.staff)?.rosterSum, rosterSum(desk, viewer, wanted));
    if (desk.sessions.get(id)?.availability === null) continue;
    const there = Array.from(wanted).filter(([, { presence }]) => presence.show !== 'unavailable');
    const presences = there.map(
      ([
        jid,
        {
          presence: { show, status = '' },
        },
      ]) => [jid, `${show} ${status}`] as const,
    );
    assert.deepEqual(app.presences, new Map(presences));
  }
}

function hasItsLines({ desk, apps }: World): void {
  for (const { chat, feeds, ended } of desk.talks.values()) {
    for (const staff of ended === undefined ? [...chat.participants, ...chat.observers] : [])
      for (const app of appsOf(desk, staff)) assert.equal(feeds.get(appOf(app))?.sent, chat.lastLine);
    for (const app of apps.values()) {
      const numbers = app.lines.get(chat.id) ?? [];
      const inOrder = Array.from(new Set(numbers)).sort((a, b) => a - b);
      assert.deepEqual(numbers, inOrder, 'each line once, in their order');
    }
  }
}

function isSaidOrRefused({ helpdesk, apps, written }: World): void {
  const lines = Array.from(helpdesk.lines.values()).flat();
  for (const [id, session] of written) {
    const times = lines.filter(({ text }) => text === id).length;
    const refused = apps.get(session)?.refused.filter((of) => of === id).length;
    // an app that is gone hears of nothing
    if (refused === undefined) assert.ok(times <= 1, `${id} was said ${times} times`);
    else assert.equal(times + refused, 1, `${id} was said ${times} times, and refused ${refused} times`);
  }
}

describe('a desk, whatever happens', () => {
  it('says each text once or refuses it, leaves nothing under way, and each app has its contacts and lines as they are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(move, { maxLength: 100, size: 'max' }), async (moves) => {
        const world = new World();
        await world.open();
        for (const staff of STAFF) await world.do({ is: 'logs in', who: staff, resource: 'a' });
        for (const what of moves) await world.do(what);
        await world.quiet();
        isOver(world);
        hasItsContacts(world);
        hasItsLines(world);
        isSaidOrRefused(world);
        world.close();
      }),
      { numRuns: 150 },
    );
  });
});
