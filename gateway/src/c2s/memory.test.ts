import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SessionMemory } from './memory.ts';

describe('what features keep of a session', () => {
  it('is kept as in a map', () => {
    const keys = [Symbol('a'), Symbol('b'), Symbol('c')];
    const step = fc.record({
      verb: fc.constantFrom('set', 'set', 'delete', 'clear'),
      key: fc.constantFrom(...keys),
      value: fc.oneof(fc.nat(5), fc.constantFrom(...keys), fc.constant(undefined)),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const memory = new SessionMemory();
        const other = new SessionMemory();
        const map = new Map<symbol, unknown>();
        for (const { verb, key, value } of steps) {
          if (verb === 'set') {
            memory.set(key, value);
            map.set(key, value);
          } else if (verb === 'delete') {
            memory.delete(key);
            map.delete(key);
          } else {
            memory.clear();
            map.clear();
          }
          for (const one of keys) {
            assert.equal(memory.get(one), map.get(one));
            assert.equal(other.get(one), undefined);
          }
        }
      }),
    );
  });
});
