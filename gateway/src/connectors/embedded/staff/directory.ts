import type { TenantConfig } from '../../../config/schema.ts';
import type { Permission, Staff, StaffId, Team, TeamId } from '../../../helpdesk/model.ts';
import { staffIdOf } from './usernames.ts';

type StaffEntry = Omit<Staff, 'status' | 'statusText'>;

/** Who works in which team, and who may see what, as the tenant's configuration says. */
export class Directory {
  readonly teams: readonly Team[];
  readonly #staff: ReadonlyMap<StaffId, StaffEntry>;
  readonly #members: ReadonlyMap<TeamId, readonly StaffId[]>;
  readonly #public: ReadonlySet<TeamId>;

  constructor({ helpdesk }: TenantConfig) {
    this.teams = helpdesk.teams.map(({ id, name }) => ({ id: id as TeamId, name }));
    this.#public = new Set(helpdesk.teams.filter((team) => team.public).map((team) => team.id as TeamId));
    const staff = new Map<StaffId, StaffEntry>();
    const members = new Map<TeamId, StaffId[]>(this.teams.map((team) => [team.id, []]));
    for (const one of helpdesk.staff) {
      if (one.disabled) continue;
      const id = staffIdOf(one);
      const teams = one.teams as TeamId[];
      staff.set(id, {
        id,
        username: id,
        name: one.name,
        ...(one.email !== undefined && { email: one.email }),
        teams,
        permissions: one.permissions.filter((permission) => permission !== 'lab-admin'),
      });
      for (const team of teams) members.get(team)?.push(id);
    }
    this.#staff = staff;
    this.#members = members;
  }

  get staff(): Iterable<StaffEntry> {
    return this.#staff.values();
  }

  has(staff: StaffId): boolean {
    return this.#staff.has(staff);
  }

  nameOf(staff: StaffId): string {
    return this.#staff.get(staff)?.name ?? staff;
  }

  teamName(team: TeamId): string {
    return this.teams.find(({ id }) => id === team)?.name ?? team;
  }

  members(team: TeamId): readonly StaffId[] {
    return this.#members.get(team) ?? [];
  }

  /** Teams that visitors may choose. */
  get publicTeams(): readonly Team[] {
    return this.teams.filter(({ id }) => this.#public.has(id));
  }

  isPublic(team: TeamId): boolean {
    return this.#public.has(team);
  }

  may(staff: StaffId, permission: Permission): boolean {
    return this.#staff.get(staff)?.permissions.includes(permission) ?? false;
  }

  /** May listen in the chats of this team. */
  mayObserve(staff: StaffId, team: TeamId): boolean {
    return this.sees(staff, team) && this.may(staff, 'observe');
  }

  /** May see, and take, the chats of this team. */
  sees(staff: StaffId, team: TeamId): boolean {
    const entry = this.#staff.get(staff);
    return entry !== undefined && (entry.teams.includes(team) || entry.permissions.includes('all-teams'));
  }
}
