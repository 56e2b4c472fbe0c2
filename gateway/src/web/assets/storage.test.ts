import assert from 'node:assert/strict';
import { it } from 'node:test';
import { openStorage } from './storage.js';

/** What the pages of one origin share. */
function area(): Storage {
  const kept = new Map<string, string>();
  return {
    get length() {
      return kept.size;
    },
    key: (index) => [...kept.keys()][index] ?? null,
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
    clear: () => kept.clear(),
  };
}

it('lists what another page of the same helpdesk has kept since, and nothing of others', () => {
  const shared = area();
  const [one, other] = [openStorage(() => shared, 'a:'), openStorage(() => shared, 'a:')];
  const stranger = openStorage(() => shared, 'b:');
  one.set('out:2', 'second');
  one.set('out:1', 'first');
  one.set('chat', 'x');
  stranger.set('out:3', 'third');
  assert.deepEqual(other.keys('out:'), ['out:1', 'out:2']);
  other.remove('out:1');
  assert.deepEqual(one.keys('out:'), ['out:2']);
  assert.equal(one.get('out:1'), undefined);
});

it('keeps as long as the page lives where the browser refuses, or refuses later', () => {
  const refused = openStorage(() => {
    throw new Error('blocked');
  }, 'a:');
  refused.set('out:1', 'first');
  assert.deepEqual([refused.get('out:1'), refused.keys('out:')], ['first', ['out:1']]);

  const full = area();
  const storage = openStorage(() => full, 'a:');
  storage.set('out:1', 'first');
  full.setItem = () => {
    throw new Error('full');
  };
  storage.set('out:2', 'second');
  assert.deepEqual(storage.keys('out:'), ['out:1', 'out:2']);
  assert.equal(storage.get('out:1'), 'first');
  storage.remove('out:1');
  assert.deepEqual(storage.keys('out:'), ['out:2']);
});
