import { createHash } from 'node:crypto';
import type { StaffConfig, TenantConfig } from '../../../config/schema.ts';
import type { StaffId } from '../../../helpdesk/model.ts';
import type { KnownPerson, StoreChange } from '../store/port.ts';
import { staffIdOf } from './usernames.ts';

/** What a change of the configuration means for its people. */
export interface PeopleNews {
  /** To be stored before strangers are told of. */
  readonly gone: readonly StoreChange[];
  readonly come: readonly StoreChange[];
  /** Those who have a username that was somebody else's. */
  readonly strangers: ReadonlySet<StaffId>;
}

/**
 * Whether a username is still, or again, the same person's. Somebody who was taken out and is put back just as they
 * were is: a mistake can be undone. So is one who got a new name, or a new password, but not both at once.
 */
export function peopleNews(known: Iterable<KnownPerson>, staff: readonly StaffConfig[]): PeopleNews {
  const before = new Map(Array.from(known, (person) => [person.id, person]));
  const now = new Map(staff.map((one) => [staffIdOf(one), personOf(one)]));
  const gone: StoreChange[] = [];
  const come: StoreChange[] = [];
  const strangers = new Set<StaffId>();
  for (const person of before.values())
    if (!person.gone && !now.has(person.id)) gone.push({ is: 'person', person: { ...person, gone: true } });
  for (const person of now.values()) {
    const was = before.get(person.id);
    if (was === undefined) {
      come.push({ is: 'person', person });
      continue;
    }
    const [hasName, hasAccount] = [was.name === person.name, was.account === person.account];
    if (was.gone ? hasName && hasAccount : hasName || hasAccount) {
      if (was.gone || !hasName || !hasAccount) come.push({ is: 'person', person });
      continue;
    }
    strangers.add(person.id);
    if (!was.gone) gone.push({ is: 'person', person: { ...was, gone: true } });
    come.push({ is: 'person', person, isAnother: true });
  }
  return { gone, come, strangers };
}

/** The people as they are known after these changes. */
export function peopleAfter(known: Iterable<KnownPerson>, changes: readonly StoreChange[]): readonly KnownPerson[] {
  const people = new Map(Array.from(known, (person) => [person.id, person]));
  for (const change of changes) if (change.is === 'person') people.set(change.person.id, change.person);
  return [...people.values()];
}

/** The configuration as if these had not come yet. */
export function without(config: TenantConfig, those: ReadonlySet<StaffId>): TenantConfig {
  if (those.size === 0) return config;
  const staff = config.helpdesk.staff.filter((one) => !those.has(staffIdOf(one)));
  return { ...config, helpdesk: { ...config.helpdesk, staff } };
}

function personOf(one: StaffConfig): KnownPerson {
  const account = createHash('sha256').update(one.hash).digest('hex');
  return { id: staffIdOf(one), name: one.name, account, gone: false };
}
