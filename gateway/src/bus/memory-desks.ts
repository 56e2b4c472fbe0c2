import { createHash } from 'node:crypto';
import type { Clock, Logger } from '@chat-gateway/runtime';
import type { TenantId } from '../helpdesk/model.ts';
import type { DeskSignal, InboxEntry } from './messages.ts';
import {
  BusUnavailableError,
  BusyError,
  type Checkpoints,
  type Commit,
  type DeskHost,
  type DeskSeat,
  type SessionRecord,
} from './port.ts';

/** How long the id of a handled entry is known. Its writer may write it again for less than this. */
const KNOWN_FOR = 10 * 60_000;
/** Entries that may wait for a desk that has not started. */
export const MOST_WAITING = 1_000;
const FIRST_START_WAIT = 250;
const LONGEST_START_WAIT = 10_000;

interface Open {
  readonly entry: InboxEntry;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

interface Desk {
  /** Which pod is to have it; `undefined` while there is no pod. */
  pod: string | undefined;
  /** Who has it or is about to: to be stopped before anybody else begins. */
  holder: DeskHost | undefined;
  /** Who handles entries; `undefined` while the desk moves or starts. */
  host: DeskHost | undefined;
  /** Entries that are not handled yet, in their order: given to the next desk when this one goes. */
  readonly open: Map<string, Open>;
  /** Entries handled not long ago: id → when it may be forgotten. */
  readonly known: Map<string, number>;
  /** Moves of this desk run one after another. */
  moving: Promise<void>;
}

export interface DesksDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly checkpoints: Checkpoints;
  readonly copy: <T>(value: T) => T;
  readonly sessionsOf: (tenant: TenantId) => readonly SessionRecord[];
  readonly deliver: (deliveries: Commit['deliveries']) => void;
}

/** Rendezvous hashing: each tenant goes to one pod, and few move when a pod comes or goes. */
export function chosenPod(tenant: TenantId, pods: Iterable<string>): string | undefined {
  let best: { readonly pod: string; readonly score: string } | undefined;
  for (const pod of pods) {
    const score = createHash('sha256').update(`${pod}\0${tenant}`).digest('hex');
    if (best === undefined || score > best.score) best = { pod, score };
  }
  return best?.pod;
}

/** Which pod has which desk, and the way of an entry to it. */
export class MemoryDesks {
  readonly #deps: DesksDeps;
  readonly #hosts = new Map<string, DeskHost>();
  readonly #desks = new Map<TenantId, Desk>();
  /** Desks of tenants that are gone, until they have stopped: a tenant that comes back waits for that. */
  readonly #leaving = new Map<TenantId, Promise<void>>();

  constructor(deps: DesksDeps) {
    this.#deps = deps;
  }

  async setTenants(tenants: readonly TenantId[]): Promise<void> {
    const wanted = new Set(tenants);
    const gone = [...this.#desks].filter(([tenant]) => !wanted.has(tenant));
    for (const tenant of wanted) {
      if (this.#desks.has(tenant)) continue;
      const desk: Desk = {
        pod: undefined,
        holder: undefined,
        host: undefined,
        open: new Map(),
        known: new Map(),
        moving: this.#leaving.get(tenant) ?? Promise.resolve(),
      };
      this.#desks.set(tenant, desk);
    }
    await Promise.all([...gone.map(([tenant, desk]) => this.#remove(tenant, desk)), this.#balance()]);
  }

  async join(pod: string, host: DeskHost): Promise<() => Promise<void>> {
    this.#hosts.set(pod, host);
    await this.#balance();
    return async () => {
      this.#hosts.delete(pod);
      await this.#balance();
    };
  }

  put(entry: InboxEntry): Promise<void> {
    const desk = this.#desks.get(entry.tenant);
    if (desk === undefined) return Promise.reject(new BusUnavailableError('no such tenant'));
    if (this.#hosts.size === 0) return Promise.reject(new BusUnavailableError('no pod has this desk'));
    this.#forget(desk);
    if (desk.known.has(entry.id)) return Promise.resolve();
    if (desk.host === undefined && desk.open.size >= MOST_WAITING && mayWait(entry.act)) {
      return Promise.reject(new BusyError('the desk has not started'));
    }
    return new Promise((resolve, reject) => {
      const earlier = desk.open.get(entry.id);
      if (earlier !== undefined) {
        desk.open.set(entry.id, {
          entry: earlier.entry,
          resolve: () => (earlier.resolve(), resolve()),
          reject: (reason) => (earlier.reject(reason), reject(reason)),
        });
        return;
      }
      desk.open.set(entry.id, { entry: this.#deps.copy(entry), resolve, reject });
      if (desk.host !== undefined) this.#hand(desk, desk.host, entry.id);
    });
  }

  signal(tenant: TenantId, signal: DeskSignal): void {
    this.#desks.get(tenant)?.host?.signal(tenant, this.#deps.copy(signal));
  }

  #hand(desk: Desk, host: DeskHost, id: string): void {
    const given = desk.open.get(id);
    if (given === undefined) return;
    host.handle(given.entry).then(
      () => {
        const open = desk.open.get(id);
        desk.open.delete(id);
        desk.known.set(id, Math.ceil(this.#deps.clock.monotonic()) + KNOWN_FOR);
        open?.resolve();
      },
      (reason: unknown) => {
        // a desk that goes leaves the entry to the next one
        if (reason instanceof BusUnavailableError && desk.host !== host && this.#hosts.size > 0) return;
        const open = desk.open.get(id);
        desk.open.delete(id);
        open?.reject(reason);
      },
    );
  }

  #forget(desk: Desk): void {
    const now = this.#deps.clock.monotonic();
    for (const [id, until] of desk.known) {
      if (until > now) break;
      desk.known.delete(id);
    }
  }

  async #remove(tenant: TenantId, desk: Desk): Promise<void> {
    this.#desks.delete(tenant);
    const left = this.#move(tenant, desk, undefined);
    this.#leaving.set(tenant, left);
    await left;
    if (this.#leaving.get(tenant) === left) this.#leaving.delete(tenant);
    this.#refuseAll(desk, 'no such tenant');
  }

  async #balance(): Promise<void> {
    await Promise.all(
      [...this.#desks].map(([tenant, desk]) => this.#move(tenant, desk, chosenPod(tenant, this.#hosts.keys()))),
    );
  }

  /** Resolves when nobody else has the desk any more; its start goes on by itself. */
  #move(tenant: TenantId, desk: Desk, pod: string | undefined): Promise<void> {
    desk.moving = desk.moving.then(async () => {
      if (desk.pod === pod) return;
      const before = desk.holder;
      desk.pod = pod;
      desk.holder = undefined;
      desk.host = undefined;
      await before?.stop(tenant).catch((cause: unknown) => {
        this.#deps.log.error({ tenant, err: cause }, 'a desk did not stop cleanly');
      });
      const host = pod === undefined ? undefined : this.#hosts.get(pod);
      if (host === undefined) {
        desk.pod = undefined;
        if (this.#hosts.size === 0) this.#refuseAll(desk, 'no pod has this desk');
        return;
      }
      desk.holder = host;
      void this.#start(tenant, desk, host);
    });
    return desk.moving;
  }

  /** As often as it takes; entries wait meanwhile, up to a bound. */
  async #start(tenant: TenantId, desk: Desk, host: DeskHost): Promise<void> {
    const isWanted = (): boolean => desk.holder === host;
    for (let wait = FIRST_START_WAIT; isWanted(); wait = Math.min(wait * 2, LONGEST_START_WAIT)) {
      try {
        await host.start(tenant, await this.#seat(tenant));
        if (!isWanted()) return;
        desk.host = host;
        for (const id of [...desk.open.keys()]) this.#hand(desk, host, id);
        return;
      } catch (cause) {
        if (!isWanted()) return;
        this.#deps.log.error({ tenant, err: cause, again: wait }, 'a desk did not start; it is tried again');
        const { promise, resolve } = Promise.withResolvers<void>();
        this.#deps.clock.after(wait, resolve);
        await promise;
      }
    }
  }

  async #seat(tenant: TenantId): Promise<DeskSeat> {
    return {
      state: await this.#deps.checkpoints.load(tenant),
      sessions: this.#deps.sessionsOf(tenant),
      commit: async (step) => {
        const stored = step.changes.size === 0 ? undefined : this.#deps.checkpoints.write(tenant, step.changes);
        this.#deps.deliver(step.deliveries);
        await stored;
      },
    };
  }

  #refuseAll(desk: Desk, why: string): void {
    for (const open of desk.open.values()) open.reject(new BusUnavailableError(why));
    desk.open.clear();
  }
}

/** What happened to a connection has happened; what people and pages do may have to wait. */
function mayWait({ type }: InboxEntry['act']): boolean {
  return type === 'message' || type === 'site';
}
