import type { Clock, Logger } from '@chat-gateway/runtime';
import type { TenantConfig } from '../../config/schema.ts';
import type { StaffId, TenantId } from '../../helpdesk/model.ts';
import { Directory } from './staff/directory.ts';
import type { Floor } from './floor.ts';
import type { Work } from './once.ts';
import { peopleAfter, peopleNews, without } from './staff/people.ts';
import { rulesOf } from './rules.ts';
import type { KnownPerson, StoreChange } from './store/port.ts';

export interface FollowDeps {
  readonly tenant: TenantId;
  readonly clock: Clock;
  readonly log: Logger;
  readonly config: () => TenantConfig;
  /** Absent while the helpdesk is closed. */
  readonly floor: () => Floor | undefined;
  readonly turn: (work: Work) => Promise<void>;
}

const AGAIN_MS = 1_000;

/** Takes over what the configuration says of teams, staff and rules. Who is staff no more leaves the chats. */
export class Follower {
  readonly #deps: FollowDeps;
  #people: readonly KnownPerson[] = [];
  #last: Promise<void> = Promise.resolve();

  constructor(deps: FollowDeps) {
    this.#deps = deps;
  }

  /** The directory to open with: in it nobody has somebody else's username yet. */
  begin(people: readonly KnownPerson[]): Directory {
    this.#people = people;
    const config = this.#deps.config();
    return new Directory(without(config, peopleNews(people, config.helpdesk.staff).strangers));
  }

  /** What has changed while nobody ran, if anything has. */
  async catchUp(): Promise<void> {
    const { config, floor } = this.#deps;
    const { gone, come } = peopleNews(this.#people, config().helpdesk.staff);
    const now = floor();
    if (now === undefined) return;
    const news = [...gone, ...come, ...shownOfGone(now), ...lostIn(now)];
    if (news.length > 0) await this.follow();
  }

  /** Resolves when it is stored and told. What the store does not take is tried again. */
  follow(): Promise<void> {
    this.#last = this.#last.then(() => this.#untilTaken(this.#deps.config()));
    return this.#last;
  }

  async #untilTaken(config: TenantConfig): Promise<void> {
    const { clock, log, tenant } = this.#deps;
    while (this.#deps.floor() !== undefined && this.#deps.config() === config) {
      try {
        await this.#take(config);
        return;
      } catch (error) {
        log.error({ tenant, err: error }, 'embedded helpdesk: a changed configuration was not taken over; tried again');
        await new Promise<void>((resolve) => {
          clock.after(AGAIN_MS, resolve);
        });
      }
    }
  }

  async #take(config: TenantConfig): Promise<void> {
    const { gone, come, strangers } = peopleNews(this.#people, config.helpdesk.staff);
    // whoever had the username goes before somebody else comes
    if (strangers.size > 0) await this.#turn(without(config, strangers), gone);
    await this.#turn(config, strangers.size > 0 ? come : [...gone, ...come]);
  }

  async #turn(config: TenantConfig, changes: readonly StoreChange[]): Promise<void> {
    const names = new Map(this.#people.map(({ id, name }) => [id, name]));
    await this.#deps.turn((turn, floor) => {
      floor.directory = new Directory(config);
      floor.rules = rulesOf(config);
      for (const { id, idleSince } of shownOfGone(floor)) {
        turn.store({ is: 'staff', staff: { id, status: 'offline', idleSince } });
      }
      for (const staff of floor.staff.keys()) if (!floor.directory.has(staff)) floor.staff.delete(staff);
      turn.tellDirectory();
      for (const [chat, staff] of lostIn(floor)) turn.lose(chat, staff, names.get(staff));
      turn.settle();
      for (const change of changes) turn.store(change);
    });
    this.#people = peopleAfter(this.#people, changes);
  }
}

/** Statuses of those who are staff no more. Were one kept, who is put back would be there without an app. */
function shownOfGone({ staff, directory }: Floor) {
  return [...staff.values()].filter(({ id, status }) => status !== 'offline' && !directory.has(id));
}

/** Those who are in a chat and staff no more. */
function lostIn({ chats, directory }: Floor) {
  return [...chats.values()].flatMap((chat) => {
    const inside: readonly StaffId[] = chat.is === 'running' ? [...chat.participants, ...chat.observers] : [];
    return inside.filter((staff) => !directory.has(staff)).map((staff) => [chat.id, staff] as const);
  });
}
