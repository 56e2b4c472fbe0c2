/** What the archives of staff hold, and how they are read. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Archived, ArchivePage, ArchiveQuery, PeerMessage } from '../../../helpdesk/archive.ts';
import type { ChatId, StaffId, TenantId } from '../../../helpdesk/model.ts';
import type { ChatLine } from '../chat/chat.ts';
import { portLine } from '../port-line.ts';
import type { StoreRunner } from './contract-suite.ts';
import type { EmbeddedStore, StoreChange } from './port.ts';

const acme = 'acme.test' as TenantId;
const other = 'other.test' as TenantId;
const jesse = 'jesse' as StaffId;
const varun = 'varun' as StaffId;
const mia = 'mia' as StaffId;
const everybody = [jesse, varun, mia] as const;
const one = 'chatone' as ChatId;
const two = 'chattwo' as ChatId;
const MIDDLE = 1_700_000_000_000;

function line(chat: ChatId, number: number, at: number): ChatLine {
  return { number, id: `${chat}.${number}`, at, from: { is: 'notice' }, text: `line ${number}` };
}

function said(chat: ChatId, number: number, at: number, ...readers: StaffId[]): StoreChange {
  return { is: 'line', chat, line: line(chat, number, at), readers };
}

function message(id: string, at: number, from: StaffId, to: StaffId): PeerMessage {
  return { id, at, from, to, text: `text ${id}` };
}

function written(id: string, at: number, from: StaffId, to: StaffId, waits = false): StoreChange {
  return { is: 'peer-message', message: message(id, at, from, to), waits };
}

function idOf(entry: Archived): string {
  return entry.is === 'line' ? entry.line.id : entry.message.id;
}

export function archiveContract(
  runner: StoreRunner,
  make: () => Promise<{ readonly store: EmbeddedStore; close(): Promise<void> }>,
): void {
  const contract = (name: string, test: (store: EmbeddedStore) => Promise<void>): void => {
    runner.it(name, async () => {
      const subject = await make();
      await test(subject.store);
      await subject.close();
    });
  };
  const ids = async (store: EmbeddedStore, staff: StaffId, query: Partial<ArchiveQuery> = {}) =>
    (await store.archivePage(acme, staff, { limit: 100, ...query }))?.entries.map(idOf);

  runner.describe('archives', () => {
    contract('who joins has what was said before in theirs, after what they had', async (store) => {
      await store.write(acme, [said(one, 1, 10), said(one, 2, 20, jesse), said(two, 1, 30, varun)]);
      await store.write(acme, [said(one, 3, 40, jesse, varun)]);
      assert.deepEqual(await ids(store, jesse), ['chatone.1', 'chatone.2', 'chatone.3']);
      assert.deepEqual(await ids(store, varun), ['chattwo.1', 'chatone.1', 'chatone.2', 'chatone.3']);
      assert.deepEqual(await ids(store, varun, { after: 'chattwo.1' }), ['chatone.1', 'chatone.2', 'chatone.3']);
      assert.deepEqual(await ids(store, mia), []);
    });

    contract('I02 who has left has nothing of what is said then, until they come back', async (store) => {
      await store.write(acme, [said(one, 1, 10, jesse, varun), said(one, 2, 20, varun)]);
      assert.deepEqual(await ids(store, jesse), ['chatone.1']);
      await store.write(acme, [said(one, 3, 30, jesse, varun)]);
      assert.deepEqual(await ids(store, jesse), ['chatone.1', 'chatone.2', 'chatone.3']);
    });

    contract('a text between staff is in both archives, once, and in one for oneself', async (store) => {
      await store.write(acme, [written('a', 10, jesse, varun), written('b', 20, varun, jesse)]);
      await store.write(acme, [written('a', 30, jesse, mia), written('c', 40, jesse, jesse)]);
      assert.deepEqual(await ids(store, jesse), ['a', 'b', 'c']);
      assert.deepEqual(await ids(store, varun), ['a', 'b']);
      assert.deepEqual(await ids(store, mia), []);
      assert.deepEqual(await ids(store, jesse, { with: { is: 'staff', staff: jesse } }), ['c']);
      assert.deepEqual(await ids(store, jesse, { with: { is: 'staff', staff: varun } }), ['a', 'b']);
      assert.deepEqual(await ids(store, jesse, { with: { is: 'chat', chat: one } }), []);
    });

    contract('entries are as they were written', async (store) => {
      const extra = { is: 'correction', of: 'x' } as const;
      const text: PeerMessage = { ...message('p', 10, jesse, varun), ref: 'r1', extra };
      const words: ChatLine = {
        ...line(one, 1, 20),
        from: { is: 'staff', staff: jesse, name: 'Jesse' },
        ref: 'r2',
        extra: { is: 'reply', of: 'q', number: 1 },
      };
      await store.write(acme, [
        { is: 'peer-message', message: text },
        { is: 'line', chat: one, line: words, readers: [jesse] },
      ]);
      assert.deepEqual((await store.archivePage(acme, jesse, { limit: 9 }))?.entries, [
        { is: 'peer', message: text },
        { is: 'line', chat: one, line: portLine(words) },
      ]);
    });

    contract('what is asked for between two places stays there, whatever page of it is asked for', async (store) => {
      await store.write(
        acme,
        ['a', 'b', 'c', 'd', 'e'].map((id, index) => written(id, index, jesse, varun)),
      );
      const between = (query: Partial<ArchiveQuery>) => ids(store, jesse, { newerThan: 'a', olderThan: 'e', ...query });
      assert.deepEqual(await between({}), ['b', 'c', 'd']);
      assert.deepEqual(await between({ after: 'b' }), ['c', 'd']);
      assert.deepEqual(await ids(store, jesse, { newerThan: 'd', after: 'a' }), ['e']);
      assert.deepEqual(await ids(store, jesse, { olderThan: 'b', before: 'e', fromEnd: true }), ['a']);
      assert.equal(await ids(store, jesse, { newerThan: 'none' }), undefined);
    });

    contract('an id that nothing has is no place to go on from; one of a chat of others is', async (store) => {
      await store.write(acme, [written('a', 10, jesse, varun), said(one, 1, 20, mia), written('b', 30, jesse, varun)]);
      assert.equal(await ids(store, jesse, { after: 'none' }), undefined);
      assert.equal(await ids(store, jesse, { before: 'none' }), undefined);
      assert.deepEqual(await ids(store, jesse, { after: 'chatone.1' }), ['b']);
      assert.deepEqual(await ids(store, jesse, { before: 'chatone.1' }), ['a']);
      assert.equal(await ids(store, jesse, { ids: ['a', 'chatone.1'] }), undefined);
      assert.deepEqual(await ids(store, jesse, { ids: ['b', 'a', 'b'] }), ['a', 'b']);
      assert.equal(await ids(store, mia, { after: 'a' }), undefined, 'texts of others are nobody else’s business');
    });

    contract('I01 tenants see nothing of each other', async (store) => {
      await store.write(acme, [said(one, 1, 10, jesse), written('a', 20, jesse, varun, true)]);
      await store.write(other, [said(one, 1, 10, jesse), written('z', 20, jesse, varun)]);
      assert.deepEqual(await ids(store, jesse), ['chatone.1', 'a']);
      assert.equal(await ids(store, jesse, { after: 'z' }), undefined);
      assert.deepEqual(await store.waitingPeerMessages(other, varun, 10), []);
    });

    contract('what waits for an app does so until it has arrived', async (store) => {
      await store.write(acme, [
        written('a', 10, jesse, varun, true),
        written('b', 20, jesse, varun),
        written('c', 30, mia, varun, true),
        written('d', 40, jesse, mia, true),
      ]);
      const waiting = async (limit: number) =>
        (await store.waitingPeerMessages(acme, varun, limit)).map(({ id }) => id);
      assert.deepEqual(await waiting(10), ['a', 'c']);
      assert.deepEqual(await waiting(1), ['a']);
      const size = (most: number) => store.waitingPeerSize(acme, varun, most);
      const of = message('a', 10, jesse, varun).text.length;
      assert.deepEqual(
        [await size(10), await size(1)],
        [
          { texts: 2, bytes: 2 * of },
          { texts: 1, bytes: of },
        ],
      );
      await store.write(acme, [{ is: 'peer-messages-arrived', staff: varun, ids: ['a', 'd', 'none'] }]);
      assert.deepEqual(await size(10), { texts: 1, bytes: of });
      assert.deepEqual(await store.waitingPeerSize(other, varun, 10), { texts: 0, bytes: 0 });
      assert.deepEqual(await waiting(10), ['c']);
      await store.write(acme, [written('a', 10, jesse, varun, true), written('b', 20, jesse, mia, true)]);
      assert.deepEqual(await waiting(10), ['c'], 'what is known stays as it is');
      assert.deepEqual((await store.waitingPeerMessages(acme, mia, 10)).length, 1, 'not theirs to say');
    });

    contract('a text that its app sends again, in another stream, is known while it waits', async (store) => {
      const first: PeerMessage = { ...message('a', 100, jesse, varun), ref: 'r1' };
      const again: PeerMessage = { ...first, id: 'b', at: 200 };
      await store.write(acme, [{ is: 'peer-message', message: first, waits: true }]);
      const waits = (than: Partial<PeerMessage> = {}, since = 100) =>
        store.waitsAlready(acme, { ...again, ...than }, since);
      assert.equal(await waits(), true);
      for (const change of [
        { id: 'a' },
        { ref: 'r2' },
        { text: 'other words' },
        { from: mia },
        { to: mia },
        { extra: { is: 'correction', of: 'r0' } as const },
      ])
        assert.equal(await waits(change), false, JSON.stringify(change));
      assert.equal(await waits({}, 101), false, 'too long ago');
      const { ref: _, ...nameless } = again;
      assert.equal(await store.waitsAlready(acme, nameless, 0), false);
      assert.equal(await store.waitsAlready(other, again, 0), false);
      await store.write(acme, [{ is: 'peer-messages-arrived', staff: varun, ids: ['a'] }]);
      assert.equal(await waits(), false, 'it has arrived');
    });

    contract('texts between staff are forgotten by age, lines are not', async (store) => {
      await store.write(acme, [
        written('a', 10, jesse, varun, true),
        said(one, 1, 11, jesse),
        written('b', 12, jesse, jesse),
        written('c', 20, jesse, varun),
      ]);
      assert.equal(await store.forgetPeerMessages(20), false);
      assert.deepEqual(await ids(store, jesse), ['chatone.1', 'c']);
      assert.deepEqual(await ids(store, varun), ['c']);
      assert.deepEqual(await store.waitingPeerMessages(acme, varun, 10), []);
      await store.write(acme, [written('a', 30, jesse, varun)]);
      assert.deepEqual(await ids(store, varun), ['c', 'a']);
      await store.forgetPeerMessages(100);
      assert.deepEqual(await ids(store, varun), []);
      await store.write(acme, [written('d', 110, jesse, varun)]);
      assert.deepEqual(await ids(store, varun), ['d']);
    });

    contract('of who is gone and had nothing in their archive nothing is kept', async (store) => {
      const person = { id: mia, name: 'Mia Wong', account: 'x', gone: false };
      await store.write(acme, [{ is: 'person', person }]);
      await store.write(acme, [{ is: 'person', person: { ...person, gone: true } }]);
      assert.deepEqual((await store.load(acme)).people, []);
    });

    contract('who has a username that was somebody else’s reads nothing of what was before', async (store) => {
      const person = { id: varun, name: 'Varun Shah', account: 'x', gone: false };
      const vera = { ...person, name: 'Vera New' };
      await store.write(acme, [
        { is: 'person', person },
        said(one, 1, 10, jesse, varun),
        written('a', 20, jesse, varun),
        written('b', 20, jesse, varun, true),
      ]);
      assert.deepEqual((await store.load(acme)).people, [person]);
      await store.write(acme, [{ is: 'person', person: { ...person, gone: true } }]);
      assert.deepEqual(await ids(store, varun), [], 'nobody has the name');
      assert.deepEqual(await store.waitingPeerMessages(acme, varun, 10), []);
      await store.write(acme, [{ is: 'person', person }]);
      assert.deepEqual(await ids(store, varun), ['chatone.1', 'a', 'b'], 'that was a mistake');
      assert.equal((await store.waitingPeerMessages(acme, varun, 10)).length, 1);

      await store.write(acme, [{ is: 'person', person: { ...person, gone: true } }]);
      const status = { id: varun, status: 'busy', text: 'lunch', idleSince: 1 } as const;
      await store.write(acme, [written('late', 20, jesse, varun, true), { is: 'staff', staff: status }]);
      await store.write(acme, [{ is: 'person', person: vera, isAnother: true }]);
      assert.deepEqual(await store.staff(acme), []);
      assert.deepEqual(await store.archivePage(acme, varun, { limit: 9 }), {
        entries: [],
        complete: true,
        count: 0,
        index: 0,
      });
      assert.deepEqual(await store.waitingPeerMessages(acme, varun, 10), []);
      assert.equal(await ids(store, varun, { ids: ['a'] }), undefined);
      assert.equal(await ids(store, varun, { after: 'a' }), undefined);
      await store.write(acme, [written('c', 20, jesse, varun), said(one, 2, 20, jesse, varun)]);
      const page = await store.archivePage(acme, varun, { limit: 9 });
      assert.deepEqual(page?.entries.map(idOf), ['c', 'chatone.1', 'chatone.2'], 'a chat that they are in is theirs');
      assert.deepEqual([page.count, page.index], [3, 0]);
      const last = await store.archivePage(acme, varun, { limit: 1, fromEnd: true, start: 5 });
      assert.deepEqual([last?.count, last?.index], [3, 2]);
      assert.deepEqual(await ids(store, varun, { with: { is: 'staff', staff: jesse } }), ['c']);
      assert.deepEqual(await ids(store, jesse), ['chatone.1', 'a', 'b', 'late', 'c', 'chatone.2']);
    });

    contract('any page of any archive is as a plain list says', async (store) => {
      let round = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(happening, { minLength: 10, maxLength: 40 }),
          fc.array(question, { minLength: 10, maxLength: 20 }),
          async (all, asked) => {
            const tenant = `${++round}.test` as TenantId;
            const model = new Model();
            for (const happens of all) await store.write(tenant, [model.happens(happens)]);
            for (const { staff, ...query } of asked) {
              const expected = model.page(staff, query);
              assert.deepEqual(await store.archivePage(tenant, staff, query), expected);
            }
          },
        ),
        { numRuns: 30 },
      );
    });
  });
}

type Happening =
  | { readonly is: 'line'; readonly chat: ChatId; readonly readers: readonly StaffId[]; readonly passes: number }
  | { readonly is: 'peer'; readonly from: StaffId; readonly to: StaffId; readonly passes: number };

const aChat = fc.constantFrom(one, two);
const aStaff = fc.constantFrom(...everybody);
const passes = fc.constantFrom(0, 0, 1, 5);
const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({ is: fc.constant('line' as const), chat: aChat, readers: fc.subarray([...everybody]), passes }),
  fc.record({ is: fc.constant('peer' as const), from: aStaff, to: aStaff, passes }),
);
const anId = fc.oneof(
  fc.nat(20).map((number) => `peer-${number}`),
  fc.tuple(aChat, fc.nat(20)).map(([chat, number]) => `${chat}.${number}`),
);
const time = fc.nat(60).map((ms) => MIDDLE + ms);
const filters = {
  with: fc.oneof(
    aChat.map((chat) => ({ is: 'chat' as const, chat })),
    aStaff.map((staff) => ({ is: 'staff' as const, staff })),
  ),
  start: time,
  end: time,
  after: anId,
  before: anId,
  ids: fc.array(anId, { minLength: 1, maxLength: 3 }),
};
/** With few filters: with many, hardly anything matches. */
const question: fc.Arbitrary<ArchiveQuery & { staff: StaffId }> = fc
  .tuple(
    fc.record(
      { staff: aStaff, limit: fc.nat(5), fromEnd: fc.constant(true as const) },
      { requiredKeys: ['staff', 'limit'] },
    ),
    fc.subarray(Object.keys(filters) as (keyof typeof filters)[], { maxLength: 2 }),
    fc.record(filters),
  )
  .map(([query, keys, all]) => ({
    ...query,
    ...Object.fromEntries(keys.map((key) => [key, all[key]])),
  }));

/** Archives as plain lists. */
class Model {
  readonly #lines = new Map<ChatId, ChatLine[]>();
  readonly #archives = new Map<StaffId, { readonly stored: number; readonly at: number; readonly entry: Archived }[]>();
  #now = MIDDLE;
  #messages = 0;

  happens(what: Happening): StoreChange {
    this.#now += what.passes;
    if (what.is === 'peer') {
      const text = message(`peer-${++this.#messages}`, this.#now, what.from, what.to);
      for (const staff of new Set([what.from, what.to])) this.#add(staff, this.#now, { is: 'peer', message: text });
      return { is: 'peer-message', message: text };
    }
    const { chat, readers } = what;
    const lines = this.#lines.get(chat) ?? [];
    this.#lines.set(chat, lines);
    const newest = line(chat, lines.length + 1, this.#now);
    lines.push(newest);
    for (const staff of readers) {
      const known = this.#of(staff).filter(({ entry }) => entry.is === 'line' && entry.chat === chat).length;
      for (const each of lines.slice(known)) this.#add(staff, each.at, { is: 'line', chat, line: portLine(each) });
    }
    return { is: 'line', chat, line: newest, readers };
  }

  page(staff: StaffId, query: ArchiveQuery): ArchivePage | undefined {
    const archive = this.#of(staff);
    const placeOf = (id: string) => archive.findIndex(({ entry }) => idOf(entry) === id);
    /** Entries are stored in their order, so that one of others lies between those stored before it and after. */
    const cut = (id: string, isAfter: boolean): ((index: number) => boolean) | undefined => {
      const place = placeOf(id);
      if (place >= 0) return (index) => (isAfter ? index > place : index < place);
      const theirs = [...this.#lines.values()].flat().find((each) => each.id === id);
      if (theirs === undefined) return undefined;
      return (index) => {
        const stored = archive[index]?.stored ?? 0;
        return isAfter ? stored >= theirs.at : stored < theirs.at;
      };
    };
    const { ids, after, before } = query;
    if (ids?.some((id) => placeOf(id) < 0)) return undefined;
    const isAfter = after === undefined ? () => true : cut(after, true);
    const isBefore = before === undefined ? () => true : cut(before, false);
    if (isAfter === undefined || isBefore === undefined) return undefined;
    const matching = archive.flatMap(({ at, entry }, index) => {
      if (query.with?.is === 'chat' && (entry.is !== 'line' || entry.chat !== query.with.chat)) return [];
      if (query.with?.is === 'staff') {
        if (entry.is !== 'peer') return [];
        const { from, to } = entry.message;
        if ((from === staff ? to : from) !== query.with.staff) return [];
      }
      if (at < (query.start ?? 0) || at > (query.end ?? Infinity)) return [];
      if (ids !== undefined && !ids.includes(idOf(entry))) return [];
      return [{ index, entry }];
    });
    const wanted = matching.filter(({ index }) => isAfter(index) && isBefore(index));
    const { limit } = query;
    const found = query.fromEnd ? wanted.slice(Math.max(0, wanted.length - limit)) : wanted.slice(0, limit);
    const [first] = found;
    return {
      entries: found.map(({ entry }) => entry),
      complete: found.length === wanted.length,
      count: matching.length,
      index: first === undefined ? 0 : matching.indexOf(first),
    };
  }

  #of(staff: StaffId) {
    const archive = this.#archives.get(staff) ?? [];
    this.#archives.set(staff, archive);
    return archive;
  }

  #add(staff: StaffId, at: number, entry: Archived): void {
    this.#of(staff).push({ stored: this.#now, at, entry });
  }
}
