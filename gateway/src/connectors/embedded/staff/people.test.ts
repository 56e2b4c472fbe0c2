import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { staffSchema } from '../../../config/schema.ts';
import { peopleAfter, peopleNews } from './people.ts';
import type { KnownPerson } from '../store/port.ts';

function staff(name: string, hash: string) {
  return staffSchema.parse({ username: 'varun', name, hash, teams: [] });
}

function known(...history: readonly (readonly ReturnType<typeof staff>[])[]): readonly KnownPerson[] {
  return history.reduce<readonly KnownPerson[]>((people, configured) => {
    const { gone, come } = peopleNews(people, configured);
    return peopleAfter(people, [...gone, ...come]);
  }, []);
}

const shah = staff('Varun Shah', 'hash one');

describe('a username is', () => {
  const cases: Readonly<Record<string, readonly [...(readonly ReturnType<typeof staff>[])[], boolean]>> = {
    'the same person’s when nothing changes': [[shah], [shah], false],
    'the same person’s with a new password': [[shah], [staff('Varun Shah', 'hash two')], false],
    'the same person’s with a new name': [[shah], [staff('Varun Roe', 'hash one')], false],
    'another’s with a new name and a new password at once': [[shah], [staff('Vera New', 'hash two')], true],
    'the same person’s again when the entry is put back as it was': [[shah], [], [shah], false],
    'another’s with another name after it was free': [[shah], [], [staff('Vera New', 'hash one')], true],
    'another’s with another password after it was free': [[shah], [], [staff('Varun Shah', 'hash two')], true],
    'nobody’s before when it is new': [[], [shah], false],
  };
  for (const [sentence, row] of Object.entries(cases)) {
    it(sentence, () => {
      const history = row.filter((one) => typeof one !== 'boolean');
      const now = history.at(-1) ?? [];
      assert.equal(peopleNews(known(...history.slice(0, -1)), now).strangers.size === 1, row.at(-1));
    });
  }

  it('told only where something has changed', () => {
    const { gone, come } = peopleNews(known([shah]), [shah]);
    assert.deepEqual([...gone, ...come], []);
  });
});
