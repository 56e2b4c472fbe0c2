import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock, settled } from '@chat-gateway/runtime';
import { CallError } from './api.js';
import { type Upload, Uploads } from './uploads.js';

const MAX = 20;
const fileOf = (name: string, content = 'x', type = 'image/png') =>
  Object.assign(new Blob([content], { type }), { name });

function openUploads(
  rules: { maxBytes: number; types: string[] } | undefined = { maxBytes: MAX, types: ['image/png'] },
) {
  const clock = new ManualClock();
  const done: string[] = [];
  const state = {
    slot: async (_name: string): Promise<unknown> => await Promise.resolve(),
    put: async (_signal: AbortSignal, _progress: (share: number) => void): Promise<void> => await Promise.resolve(),
    share: async (): Promise<unknown> => await Promise.resolve(),
  };
  let ids = 0;
  let slots = 0;
  const seen: string[] = [];
  const uploads = new Uploads({
    makeId: () => `id${++ids}`,
    async slot({ name, size, type }) {
      done.push(`slot ${name} ${size} ${type ?? 'unknown'}`);
      await state.slot(name);
      slots += 1;
      return { putUrl: `put${slots}`, getUrl: `get${slots}` };
    },
    async put(url, _upload, progress, signal) {
      done.push(url);
      await state.put(signal, progress);
    },
    async share(id, url) {
      done.push(`share ${id} ${url}`);
      await state.share();
    },
    wait: async (ms, signal) => {
      await new Promise<void>((resolve) => {
        const cancel = clock.after(ms, resolve);
        signal.addEventListener('abort', () => {
          cancel();
          resolve();
        });
      });
    },
    changed: ({ file, progress }) => seen.push(`${file.name} ${progress}`),
  });
  uploads.setRules(rules);
  return { uploads, clock, done, state, seen };
}
const states = (all: readonly Upload[]) =>
  all.map(({ file, state, problem, canRetry }) =>
    [file.name, state, problem, canRetry ? 'again' : ''].filter((word) => word !== '').join(' '),
  );
const soft = (code: string, retryAfterMs = 1_000) => new CallError(code, { retryAfterMs });

describe('files that a visitor sends', () => {
  it('get a slot, are put there and shared, one after the other', async () => {
    const { uploads, done } = openUploads();
    uploads.add([fileOf('a.png'), fileOf('b.png', 'xyz')]);
    await settled();
    assert.deepEqual(done, [
      'slot a.png 1 image/png',
      'put1',
      'share id1 get1',
      'slot b.png 3 image/png',
      'put2',
      'share id2 get2',
    ]);
    assert.deepEqual(states(uploads.all), ['a.png sent', 'b.png sent']);
    uploads.shown('id1');
    assert.deepEqual(states(uploads.all), ['b.png sent']);
  });

  it('are not taken where there are no files', async () => {
    const { uploads, done } = openUploads();
    uploads.setRules(undefined);
    uploads.add([fileOf('a.png')]);
    await settled();
    assert.deepEqual([done, uploads.all.length, uploads.isOn], [[], 0, false]);
  });

  it('are refused before anything is asked: too large, empty', async () => {
    const { uploads, done } = openUploads();
    uploads.add([fileOf('large.png', 'x'.repeat(MAX + 1)), fileOf('empty.png', '')]);
    await settled();
    assert.deepEqual(done, []);
    assert.deepEqual(states(uploads.all), ['large.png failed too-large', 'empty.png failed empty-file']);
    uploads.retry('id1');
    await settled();
    assert.deepEqual(done, []);
    uploads.cancel('id1');
    assert.equal(uploads.all.length, 1);
  });

  it('may be as large as the limit, and of a kind that the browser does not know', async () => {
    const { uploads, done } = openUploads();
    uploads.add([
      fileOf('a.png', 'x'.repeat(MAX)),
      fileOf('odd', 'x', ''),
      fileOf('a.txt', 'x', 'text/plain;charset=utf-8'),
    ]);
    await settled();
    assert.deepEqual(
      done.filter((call) => call.startsWith('slot')),
      ['slot a.png 20 image/png', 'slot odd 1 unknown', 'slot a.txt 1 text/plain'],
    );
  });

  it('are ten at once, and the eleventh can be tried again', async () => {
    const { uploads, state } = openUploads();
    state.slot = async () => await new Promise(() => undefined);
    uploads.add(Array.from({ length: 11 }, (_, number) => fileOf(`${number}.png`)));
    await settled();
    assert.equal(states(uploads.all).at(-1), '10.png failed too-many-chosen again');
    assert.equal(uploads.all.filter(({ state: now }) => now === 'failed').length, 1);
  });

  it('tell how far they are', async () => {
    const { uploads, state, seen } = openUploads();
    state.put = async (_, progress) => {
      progress(0.5);
      await Promise.resolve();
    };
    uploads.add([fileOf('a.png')]);
    await settled();
    assert.ok(seen.includes('a.png 0.5'));
  });

  it('a lost connection is tried again with a new slot, three times', async () => {
    const { uploads, state, clock, done } = openUploads();
    state.put = async () => await Promise.reject(soft('offline'));
    uploads.add([fileOf('a.png')]);
    await clock.advance(1_000);
    assert.deepEqual(
      done.filter((call) => call.startsWith('put')),
      ['put1', 'put2'],
    );
    await clock.advance(2_000);
    assert.deepEqual(states(uploads.all), ['a.png failed offline again']);
    state.put = async () => await Promise.resolve();
    uploads.retry('id1');
    await settled();
    assert.deepEqual(states(uploads.all), ['a.png sent']);
    assert.equal(done.at(-1), 'share id1 get4');
  });

  it('J18 a lost answer to sharing sends no byte again and shares the same file', async () => {
    const { uploads, state, clock, done } = openUploads();
    state.share = async () => await Promise.reject(soft('offline'));
    uploads.add([fileOf('a.png')]);
    await clock.advance(3_000);
    assert.deepEqual(states(uploads.all), ['a.png failed offline again']);
    state.share = async () => await Promise.resolve();
    uploads.retry('id1');
    await settled();
    assert.deepEqual(
      done.filter((call) => !call.startsWith('slot')),
      ['put1', ...Array.from({ length: 4 }, () => 'share id1 get1')],
    );
  });

  it('a file that is gone before it is shared is brought again by the next try', async () => {
    const { uploads, state, done } = openUploads();
    state.share = async () => await Promise.reject(new CallError('bad-form'));
    uploads.add([fileOf('a.png')]);
    await settled();
    assert.deepEqual(states(uploads.all), ['a.png failed bad-form again']);
    state.share = async () => await Promise.resolve();
    uploads.retry('id1');
    await settled();
    assert.deepEqual(states(uploads.all), ['a.png sent']);
    assert.equal(done.at(-1), 'share id1 get2');
  });

  it('a name that is too long keeps its end', async () => {
    const { uploads, done } = openUploads();
    uploads.add([fileOf(`${'x'.repeat(300)}.png`)]);
    await settled();
    assert.equal(done[0], `slot ${'x'.repeat(251)}.png 1 image/png`);
  });

  it('what cannot be helped is told at once', async () => {
    const { uploads, state, clock, done } = openUploads();
    state.slot = async (name) => {
      if (name === 'a.png') throw soft('too-many-files', 3_600_000);
      await Promise.reject(new CallError('wrong-type'));
    };
    uploads.add([fileOf('a.png'), fileOf('b.png')]);
    await clock.advance(60_000);
    assert.equal(done.length, 2);
    assert.deepEqual(states(uploads.all), ['a.png failed too-many-files again', 'b.png failed wrong-type']);
  });

  it('one that is cancelled stops, and the next one goes', async () => {
    const { uploads, state, done } = openUploads();
    state.put = async (signal) => {
      await new Promise<void>((_, reject) => {
        signal.addEventListener('abort', () => {
          reject(soft('offline'));
        });
      });
    };
    uploads.add([fileOf('a.png'), fileOf('b.png')]);
    await settled();
    state.put = async () => await Promise.resolve();
    uploads.cancel('id1');
    await settled();
    assert.deepEqual(states(uploads.all), ['b.png sent']);
    assert.ok(!done.some((call) => call.startsWith('share id1')));
  });

  it('one that waits is cancelled without a call', async () => {
    const { uploads, state, done } = openUploads();
    state.slot = async () => await new Promise(() => undefined);
    uploads.add([fileOf('a.png'), fileOf('b.png')]);
    await settled();
    uploads.cancel('id2');
    assert.deepEqual([states(uploads.all), done.length], [['a.png sending'], 1]);
  });

  it('fail when the chat is over, and none is taken any more', async () => {
    const { uploads, state, done } = openUploads();
    state.slot = async () => await new Promise(() => undefined);
    uploads.add([fileOf('a.png'), fileOf('b.png')]);
    await settled();
    uploads.close();
    uploads.add([fileOf('c.png')]);
    uploads.retry('id1');
    await settled();
    assert.deepEqual(states(uploads.all), ['a.png failed ended', 'b.png failed ended']);
    assert.equal(done.length, 1);
  });

  it('keep why they failed when the chat is over, and cannot be tried again', async () => {
    const { uploads, state } = openUploads();
    state.slot = async () => await Promise.reject(new CallError('too-many-files'));
    uploads.add([fileOf('a.png'), fileOf('empty.png', '')]);
    await settled();
    assert.deepEqual(states(uploads.all), ['a.png failed too-many-files again', 'empty.png failed empty-file']);
    uploads.close();
    assert.deepEqual(states(uploads.all), ['a.png failed too-many-files', 'empty.png failed empty-file']);
  });
});
