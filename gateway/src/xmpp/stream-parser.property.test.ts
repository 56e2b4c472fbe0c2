import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { describe, it } from 'node:test';
import { compareReaders } from './testing/agreement.ts';

describe('any stream', () => {
  it('A40 well-formed or not, whole or in pieces, is read as another strict parser reads it', (t) => {
    const seed = randomInt(2 ** 31);
    t.diagnostic(`seed ${seed}`);
    const { wellFormed, refused } = compareReaders(2_000, seed);
    assert.ok(wellFormed > 500 && refused > 500, `${wellFormed} well-formed, ${refused} refused`);
  });
});
