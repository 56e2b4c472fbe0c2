/** Test support: an archive in memory, of texts and of lines that a test puts there. */
import type { Archive, Archived, ArchivePage, ArchiveQuery, PeerMessage } from '../helpdesk/archive.ts';
import { HelpdeskError } from '../helpdesk/errors.ts';
import type { StaffId, TenantId } from '../helpdesk/model.ts';

const idOf = (entry: Archived): string => (entry.is === 'line' ? entry.line.id : entry.message.id);
const timeOf = (entry: Archived): number => (entry.is === 'line' ? entry.line.at : entry.message.at);

function isWith(entry: Archived, partner: NonNullable<ArchiveQuery['with']>, staff: StaffId): boolean {
  if (entry.is === 'line') return partner.is === 'chat' && partner.chat === entry.chat;
  const { from, to } = entry.message;
  const other = from === staff ? to : from;
  return partner.is === 'staff' && partner.staff === other;
}

export class FakeArchive implements Archive {
  readonly entries: Archived[] = [];
  readonly queries: ArchiveQuery[] = [];
  /** By the id of the text. */
  readonly waits = new Set<string>();
  /** Fails the next calls. */
  failing = 0;

  async #answered(): Promise<void> {
    await Promise.resolve();
    if (this.failing > 0) {
      this.failing--;
      throw new HelpdeskError({ is: 'unreachable' });
    }
  }

  async add(_tenant: TenantId, message: PeerMessage, waits = false): Promise<'kept' | 'again'> {
    await this.#answered();
    const isSame = ({ id, from, to, ref, text }: PeerMessage) =>
      this.waits.has(id) && from === message.from && to === message.to && ref === message.ref && text === message.text;
    if (this.entries.some((entry) => idOf(entry) === message.id)) return 'kept';
    if (waits && this.entries.some((entry) => entry.is === 'peer' && isSame(entry.message))) return 'again';
    this.entries.push({ is: 'peer', message });
    if (waits) this.waits.add(message.id);
    return 'kept';
  }

  async waiting(_tenant: TenantId, staff: StaffId, limit: number): Promise<readonly PeerMessage[]> {
    await this.#answered();
    return this.entries
      .flatMap((entry) => (entry.is === 'peer' ? [entry.message] : []))
      .filter(({ id, to }) => to === staff && this.waits.has(id))
      .slice(0, limit);
  }

  /** How many may wait for one staff user. */
  room = Number.POSITIVE_INFINITY;

  async hasRoom(tenant: TenantId, staff: StaffId): Promise<boolean> {
    return (await this.waiting(tenant, staff, this.room + 1)).length < this.room;
  }

  async arrived(_tenant: TenantId, _staff: StaffId, ids: readonly string[]): Promise<void> {
    await this.#answered();
    for (const id of ids) this.waits.delete(id);
  }

  async page(_tenant: TenantId, staff: StaffId, query: ArchiveQuery): Promise<ArchivePage | undefined> {
    this.queries.push(query);
    await this.#answered();
    const place = (id: string) => this.entries.findIndex((entry) => idOf(entry) === id);
    const { newerThan, olderThan } = query;
    const named = [newerThan, olderThan, query.after, query.before, ...(query.ids ?? [])].filter(
      (id) => id !== undefined,
    );
    if (named.some((id) => place(id) < 0)) return undefined;
    const all = this.entries.filter(
      (entry) =>
        (entry.is === 'line' || entry.message.from === staff || entry.message.to === staff) &&
        (query.with === undefined || isWith(entry, query.with, staff)) &&
        timeOf(entry) >= (query.start ?? -Infinity) &&
        timeOf(entry) <= (query.end ?? Infinity) &&
        (query.ids === undefined || query.ids.includes(idOf(entry))),
    );
    const places = (...ids: readonly (string | undefined)[]) =>
      ids.flatMap((id) => (id === undefined ? [] : place(id)));
    const after = Math.max(-1, ...places(newerThan, query.after));
    const before = Math.min(Infinity, ...places(olderThan, query.before));
    const found = all.filter((entry) => {
      const at = place(idOf(entry));
      return at > after && at < before;
    });
    const entries = query.fromEnd ? found.slice(-query.limit) : found.slice(0, query.limit);
    const [first] = entries;
    return {
      entries,
      complete: entries.length === found.length,
      count: all.length,
      index: first === undefined ? 0 : all.indexOf(first),
    };
  }
}
