import type { Clock, Logger } from '@chat-gateway/runtime';
import type { StaffId, TenantId } from '../helpdesk/model.ts';
import type { InboxEntry, Item, SessionId } from './messages.ts';
import type { Soon } from './soon.ts';
import { Handle, type Holders, type Live, type Mutable, NOTHING, weight } from './memory-handle.ts';
import { type KeptEntry, returned, undelivered } from './undelivered.ts';
import {
  type BindRequest,
  type Bound,
  type Checkpoints,
  type Commit,
  type OutboxEntry,
  type Resumed,
  type SessionHandle,
  type SessionReceiver,
  type SessionRecord,
  type Sessions,
  TooManyResourcesError,
} from './port.ts';

/** How long the count of a stream that is over is known [XEP-0198 §5: `h` in `<failed/>`]. */
const COUNT_KEPT = 24 * 3_600_000;
/** What may wait for an app that is away, before its session is given up: its lines stay in the transcript. */
export const DETACHED_ENTRIES = 2_000;
export const DETACHED_CHARACTERS = 4 * 1_048_576;
/** Of what is inherited, so much is under way at once. */
const INHERITED_ENTRIES = 100;
const INHERITED_CHARACTERS = 262_144;

export interface SessionsDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly checkpoints: Checkpoints;
  /** Hexadecimal digits of as many random bytes. */
  readonly random: (bytes: number) => string;
  readonly copy?: (<T>(value: T) => T) | undefined;
  readonly put: (entry: InboxEntry) => Promise<void>;
}

/** State is repaired by the next one of its kind; everything else waits in the outbox until the app proves it. */
function isKept(item: Item): boolean {
  return item.kind !== 'presence' && item.kind !== 'chat-state';
}

/** As many of the last ones as may wait. */
function newest(items: readonly Item[]): Item[] {
  let characters = 0;
  const first = items.findLastIndex((item) => (characters += weight(item)) > DETACHED_CHARACTERS);
  return items.slice(first + 1).slice(-DETACHED_ENTRIES);
}

const NOBODY: readonly SessionRecord[] = [];
/** Shared by all sessions to which nothing was left: never changed. */
const NO_ITEMS: Item[] = [];

/** Sessions of one staff user. Both lists are replaced, never changed: who has been given one keeps what it was. */
interface Account {
  lives: readonly Live[];
  /** Theirs. */
  records: readonly SessionRecord[];
}

const accountOf = (tenant: TenantId, staff: StaffId): string => `${tenant}\0${staff}`;

export class MemorySessions implements Sessions {
  readonly #deps: SessionsDeps;
  readonly #live = new Map<SessionId, Live>();
  /** By their own names: no key is made of both for each message. */
  readonly #accounts = new Map<TenantId, Map<StaffId, Account>>();
  readonly #resumptions = new Map<string, Live>();
  /** Binds of one account run one after another: each looks at what the one before took. */
  readonly #binding = new Map<string, Promise<unknown>>();
  /** What the handles of all sessions share. */
  readonly #holders: Holders = {
    keep: (live, item) => this.#keep(live, item),
    noted: (live, change) => this.#noted(live, change),
    detach: (live, ms) => {
      live.windowEnds = this.#deps.clock.after(ms, () => {
        this.#end(live);
      });
    },
    proved: (live) => {
      this.#giveInherited(live);
    },
    close: (live) => {
      // an app that says goodbye has read what came; one that was cut off has not
      const left = live.record.attached ? [] : this.#leftBy(live);
      this.#remove(live);
      this.#return(left, live.record);
    },
  };

  constructor(deps: SessionsDeps) {
    this.#deps = deps;
  }

  /** Records of one tenant's sessions. */
  ofTenant(tenant: TenantId): SessionRecord[] {
    return [...this.#live.values()].filter((live) => live.record.tenant === tenant).map((live) => ({ ...live.record }));
  }

  /** Forgets all sessions of tenants that are gone; their streams are closed by who holds them. */
  dropTenants(exists: (tenant: TenantId) => boolean): void {
    for (const live of [...this.#live.values()]) if (!exists(live.record.tenant)) this.#remove(live);
  }

  deliverAll(deliveries: Commit['deliveries']): void {
    for (const { sessions, item } of deliveries) {
      for (const id of sessions) {
        const live = this.#live.get(id);
        if (live !== undefined) this.#give(live, item);
      }
    }
  }

  async bind(request: BindRequest, pod: string, receiver: SessionReceiver): Promise<Bound> {
    const account = accountOf(request.tenant, request.staff);
    const before = this.#binding.get(account) ?? Promise.resolve();
    const bound = before.then(() => this.#bind(request, pod, receiver));
    const settled = bound.catch(() => undefined);
    this.#binding.set(account, settled);
    void settled.then(() => {
      if (this.#binding.get(account) === settled) this.#binding.delete(account);
    });
    return bound;
  }

  async resume(
    resumption: string,
    account: { readonly tenant: TenantId; readonly staff: StaffId },
    pod: string,
    receiver: SessionReceiver,
    accept: (record: SessionRecord) => boolean,
  ): Promise<Resumed> {
    const live = this.#resumptions.get(resumption);
    if (live === undefined) {
      const count = await this.#deps.checkpoints.findCount(resumption, this.#deps.clock.now());
      const own = count !== undefined && count.tenant === account.tenant && count.staff === account.staff;
      return own ? { is: 'gone', handled: count.handled } : { is: 'gone' };
    }
    if (live.record.tenant !== account.tenant || live.record.staff !== account.staff) return { is: 'gone' };
    if (!accept({ ...live.record })) return { is: 'gone', handled: live.record.handled };
    live.holder?.superseded();
    return { is: 'resumed', handle: this.#attach(live, pod, receiver) };
  }

  of(tenant: TenantId, staff: StaffId): readonly SessionRecord[] {
    // asked for twice with every message: in one process nothing is copied
    const { copy } = this.#deps;
    const records = this.#accounts.get(tenant)?.get(staff)?.records ?? NOBODY;
    return copy === undefined ? records : records.map((record) => copy(record));
  }

  deliver(session: SessionId, item: Item): boolean {
    const live = this.#live.get(session);
    if (live === undefined) return false;
    const { copy } = this.#deps;
    this.#give(live, copy === undefined ? item : copy(item));
    return true;
  }

  async #bind(request: BindRequest, pod: string, receiver: SessionReceiver): Promise<Bound> {
    const others = this.#livesOf(request.tenant, request.staff);
    const { resource, replaced } =
      request.resource === undefined ? await this.#lowestFree(others) : await this.#asAsked(request.resource, others);
    const current = this.#livesOf(request.tenant, request.staff);
    const count = current.length - (replaced !== undefined && current.includes(replaced) ? 1 : 0);
    if (count >= request.maxResources) {
      // an app that was never seen again gives way to one that is here
      const away = current.find((live) => !live.record.attached && live !== replaced);
      if (away === undefined) throw new TooManyResourcesError();
      this.#end(away);
    }
    const record: Mutable<SessionRecord> = {
      id: this.#deps.random(16) as SessionId,
      tenant: request.tenant,
      staff: request.staff,
      bareJid: request.bareJid,
      resource,
      pod,
      epoch: 0,
      availability: null,
      carbons: false,
      attached: true,
      // its place is there from the beginning: adding it later makes another object of each record
      resumption: undefined,
      handled: 0,
      written: 0,
    };
    const live: Live = {
      record,
      receiver: undefined,
      holder: undefined,
      outbox: NOTHING,
      characters: 0,
      sequence: 0,
      windowEnds: undefined,
      stored: undefined,
      storing: undefined,
      inherited: replaced === undefined ? NO_ITEMS : newest(this.#leftBy(replaced)),
      isGiving: false,
      isOver: false,
    };
    if (replaced !== undefined) {
      replaced.holder?.superseded();
      this.#remove(replaced);
    }
    this.#live.set(record.id, live);
    this.#setLives(request.tenant, request.staff, [...this.#livesOf(request.tenant, request.staff), live]);
    const handle = this.#attach(live, pod, receiver);
    return replaced === undefined ? { handle } : { handle, replaces: replaced.record.id };
  }

  /** False once it is clear that the app of this session is not there. */
  async #isAlive(live: Live): Promise<boolean> {
    if (!live.record.attached || live.receiver === undefined) return false;
    const { epoch } = live.record;
    // an app that was not heard may have come back meanwhile
    return (await live.receiver.probe()) || (live.record.attached && live.record.epoch !== epoch);
  }

  async #asAsked(resource: string, others: readonly Live[]): Promise<{ resource: string; replaced?: Live }> {
    const holder = others.find((live) => live.record.resource === resource);
    if (holder === undefined) return { resource };
    if (!(await this.#isAlive(holder))) return { resource, replaced: holder };
    return { resource: `${resource.slice(0, 1_000)}-${this.#deps.random(4)}` };
  }

  async #lowestFree(others: readonly Live[]): Promise<{ resource: string; replaced?: Live }> {
    const named = (number: number) => `app-${number}`;
    const holders: Live[] = [];
    for (;;) {
      const holder = others.find(({ record }) => record.resource === named(holders.length + 1));
      if (holder === undefined) break;
      holders.push(holder);
    }
    const alive = await Promise.all(holders.map((holder) => this.#isAlive(holder)));
    const dead = alive.indexOf(false);
    const replaced = holders[dead];
    return replaced === undefined ? { resource: named(holders.length + 1) } : { resource: named(dead + 1), replaced };
  }

  #attach(live: Live, pod: string, receiver: SessionReceiver): SessionHandle {
    live.windowEnds?.();
    live.windowEnds = undefined;
    live.receiver = receiver;
    live.holder = receiver;
    live.record.pod = pod;
    live.record.attached = true;
    live.record.epoch += 1;
    return new Handle(live, this.#holders);
  }

  /** Stores the count of a stream, where it has changed and the stream may be resumed. */
  #noted(live: Live, change: Parameters<SessionHandle['note']>[0]): Soon<void> {
    if (live.inherited.length > 0) this.#giveInherited(live);
    if (change.resumption !== undefined) this.#resumptions.set(change.resumption.id, live);
    if (change.handled === undefined) return undefined;
    const { resumption, tenant, staff, handled } = live.record;
    if (resumption === undefined) return undefined;
    if (live.stored === handled) return undefined;
    if (live.storing?.handled === handled) return live.storing.done;
    const done = this.#deps.checkpoints
      .saveCount(resumption.id, { tenant, staff, handled }, this.#deps.clock.now() + COUNT_KEPT)
      .then(
        () => {
          live.stored = handled;
          if (live.storing === storing) live.storing = undefined;
        },
        (cause: unknown) => {
          // not stored: the next note of this count tries again
          if (live.storing === storing) live.storing = undefined;
          throw cause;
        },
      );
    const storing = { handled, done };
    live.stored = undefined;
    live.storing = storing;
    return done;
  }

  #give(live: Live, item: Item): void {
    if (!isKept(item)) {
      live.receiver?.receive([{ item }]);
      return;
    }
    const entry = this.#keep(live, item);
    if (live.receiver !== undefined) live.receiver.receive([entry]);
    else if (live.outbox.length > DETACHED_ENTRIES || live.characters > DETACHED_CHARACTERS) this.#end(live);
  }

  /** A little at a time, and more as the app proves it: it must not get more at once than it may have unproved. */
  #giveInherited(live: Live): void {
    if (live.isGiving || live.inherited.length === 0 || live.record.availability === null) return;
    live.isGiving = true;
    while (live.outbox.length < INHERITED_ENTRIES && live.characters < INHERITED_CHARACTERS) {
      const item = live.inherited.shift();
      if (item === undefined) break;
      this.#give(live, item);
    }
    live.isGiving = false;
  }

  #keep(live: Live, item: Item): OutboxEntry {
    const entry: KeptEntry = {
      sequence: ++live.sequence,
      item,
      given: this.#deps.clock.now(),
      // its place is there from the beginning: adding it later makes another object of each entry
      number: undefined,
    };
    // of one, nearly always: an array that `push` makes has room for seventeen
    if (live.outbox.length === 0) live.outbox = [entry];
    else live.outbox.push(entry);
    live.characters += weight(item);
    return entry;
  }

  /** Over without the app having said so: the desk must hear of it. */
  #end(live: Live): void {
    if (live.isOver) return;
    const left = this.#leftBy(live);
    this.#remove(live);
    this.#return(left, live.record);
    live.holder?.expired();
    const { tenant, id } = live.record;
    this.#deps
      .put({ tenant, id: `${id}:closed`, act: { type: 'session-closed', session: id } })
      .catch((cause: unknown) => {
        this.#deps.log.error({ tenant, err: cause }, 'the end of a session was not told to its desk');
      });
  }

  #leftBy(live: Live): Item[] {
    return [...live.inherited, ...undelivered(live.outbox)];
  }

  /**
   * Colleagues hear that a message of theirs which is not kept reached nobody, unless the account has another app: that
   * got it, too.
   */
  #return(left: readonly Item[], record: SessionRecord): void {
    const { tenant, staff, bareJid } = record;
    if (this.#livesOf(tenant, staff).length > 0) return;
    for (const one of left) {
      const back = returned(one, bareJid);
      if (back === undefined) continue;
      for (const live of this.#live.values()) {
        if (live.record.tenant === tenant && live.record.bareJid === back.to) this.#give(live, back.item);
      }
    }
  }

  #remove(live: Live): void {
    live.windowEnds?.();
    live.windowEnds = undefined;
    live.receiver = undefined;
    live.record.attached = false;
    live.outbox = NOTHING;
    live.isOver = true;
    this.#live.delete(live.record.id);
    if (live.record.resumption !== undefined) this.#resumptions.delete(live.record.resumption.id);
    const { tenant, staff } = live.record;
    this.#setLives(
      tenant,
      staff,
      this.#livesOf(tenant, staff).filter((one) => one !== live),
    );
  }

  #livesOf(tenant: TenantId, staff: StaffId): readonly Live[] {
    return this.#accounts.get(tenant)?.get(staff)?.lives ?? [];
  }

  #setLives(tenant: TenantId, staff: StaffId, lives: readonly Live[]): void {
    const accounts = this.#accounts.get(tenant) ?? new Map<StaffId, Account>();
    if (lives.length === 0) accounts.delete(staff);
    else accounts.set(staff, { lives, records: lives.map(({ record }) => record) });
    if (accounts.size === 0) this.#accounts.delete(tenant);
    else this.#accounts.set(tenant, accounts);
  }
}
