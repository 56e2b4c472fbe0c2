/** What every store of files keeps to. */
import assert from 'node:assert/strict';
import type { TenantId } from '../../../helpdesk/model.ts';
import type { StoreRunner } from './contract-suite.ts';
import type { FileStore, NewFile, Room } from './file-store.ts';

export interface FileStoreSubject {
  readonly files: FileStore;
  /** Closes it and opens it again. */
  reopen(): Promise<FileStoreSubject>;
  close(): Promise<void>;
}

const acme = 'acme.test' as TenantId;
const other = 'other.test' as TenantId;
const room: Room = { ofTenant: 1_000, ofKind: 1_000, ofBringer: 1_000, since: 0 };

function place(name: string, more: Partial<NewFile> = {}): NewFile {
  return {
    id: `id of ${name}`,
    put: `put of ${name}`,
    kind: 'staff',
    bringer: 'jesse',
    at: 1_000,
    until: 2_000,
    name,
    type: 'text/plain',
    size: 10,
    ...more,
  };
}

async function allOf(files: FileStore, file: number, size: number): Promise<string> {
  let text = '';
  while (text.length < size) {
    const piece = await files.piece(file, text.length);
    if (piece === undefined) break;
    text += Buffer.from(piece.bytes.subarray(text.length - piece.from)).toString();
  }
  return text;
}

export function fileStoreContract({ describe, it }: StoreRunner, open: () => Promise<FileStoreSubject>): void {
  const on = (sentence: string, test: (files: FileStore, subject: FileStoreSubject) => Promise<void>) => {
    it(sentence, async () => {
      const subject = await open();
      try {
        await test(subject.files, subject);
      } finally {
        await subject.close();
      }
    });
  };
  /** A whole file of ten bytes. */
  const whole = async (files: FileStore, name: string, more: Partial<NewFile> = {}, expires = 9_000) => {
    const given = place(name, more);
    assert.equal(await files.reserve(acme, given, room), 'reserved');
    const file = await files.claim(acme, given.put, 1_500, 3_000);
    assert.ok(file);
    assert.ok(await files.append(file.number, 0, Buffer.from('01234')));
    assert.ok(await files.append(file.number, 5, Buffer.from('56789')));
    assert.ok(await files.finish(file.number, expires));
    return file;
  };

  describe('a place', () => {
    on('is claimed once, with what was said of the file', async (files) => {
      await files.reserve(acme, place('a', { askedType: 'text/plain' }), room);
      const file = await files.claim(acme, 'put of a', 1_500, 3_000);
      const { number: _number, ...said } = file ?? { number: 0 };
      const by = { kind: 'staff', bringer: 'jesse' };
      assert.deepEqual(said, { name: 'a', type: 'text/plain', askedType: 'text/plain', size: 10, ...by });
      assert.equal(await files.claim(acme, 'put of a', 1_500, 3_000), undefined);
    });
    on('is of one tenant, and of its own token', async (files) => {
      await files.reserve(acme, place('a'), room);
      assert.equal(await files.claim(other, 'put of a', 1_500, 3_000), undefined);
      assert.equal(await files.claim(acme, 'id of a', 1_500, 3_000), undefined);
      assert.equal(await files.claim(acme, 'put of b', 1_500, 3_000), undefined);
      assert.ok(await files.claim(acme, 'put of a', 1_500, 3_000));
    });
    on('is claimed by one of several at the same time', async (files) => {
      await files.reserve(acme, place('a'), room);
      const claims = await Promise.all([1, 2, 3].map(() => files.claim(acme, 'put of a', 1_500, 3_000)));
      assert.equal(claims.filter((claim) => claim !== undefined).length, 1);
    });
    on('is not claimed when its time has passed', async (files) => {
      await files.reserve(acme, place('a'), room);
      assert.equal(await files.claim(acme, 'put of a', 2_000, 3_000), undefined);
    });
    on('is no file yet', async (files) => {
      await files.reserve(acme, place('a'), room);
      assert.equal(await files.find(acme, 'id of a', 1_500), undefined);
      await files.claim(acme, 'put of a', 1_500, 3_000);
      assert.equal(await files.find(acme, 'id of a', 1_500), undefined);
    });
  });

  describe('a file', () => {
    on('is found when it is whole, and until it expires, by its own tenant', async (files) => {
      const { number } = await whole(files, 'a');
      const kept = { number, name: 'a', type: 'text/plain', size: 10, kind: 'staff', bringer: 'jesse' };
      assert.deepEqual(await files.find(acme, 'id of a', 8_999), kept);
      assert.equal(await files.find(acme, 'id of a', 9_000), undefined);
      assert.equal(await files.find(other, 'id of a', 8_999), undefined);
    });
    on('is read piece by piece, from any byte on', async (files) => {
      const { number } = await whole(files, 'a');
      assert.equal(await allOf(files, number, 10), '0123456789');
      const piece = await files.piece(number, 7);
      assert.equal(piece?.from, 5);
      assert.equal(Buffer.from(piece.bytes).toString(), '56789');
    });
    on('keeps every byte', async (files) => {
      await files.reserve(acme, place('a', { size: 256 }), room);
      const file = await files.claim(acme, 'put of a', 1_500, 3_000);
      const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
      await files.append(file?.number ?? 0, 0, bytes);
      assert.deepEqual(new Uint8Array((await files.piece(file?.number ?? 0, 0))?.bytes ?? []), bytes);
    });
    on('outlives the process', async (files, subject) => {
      const { number } = await whole(files, 'a');
      await files.reserve(acme, place('b'), room);
      const again = await subject.reopen();
      assert.equal((await again.files.find(acme, 'id of a', 8_999))?.number, number);
      assert.equal(await allOf(again.files, number, 10), '0123456789');
      assert.ok(await again.files.claim(acme, 'put of b', 1_500, 3_000));
      await again.close();
    });
    on('that is gone gets no more pieces, and never becomes whole', async (files) => {
      await files.reserve(acme, place('a'), room);
      const { number = 0 } = (await files.claim(acme, 'put of a', 1_500, 3_000)) ?? {};
      await files.append(number, 0, Buffer.from('01234'));
      await files.remove(number);
      assert.equal(await files.append(number, 5, Buffer.from('56789')), false);
      assert.equal(await files.finish(number, 9_000), false);
      assert.equal(await files.piece(number, 0), undefined);
    });
    on('that is whole gets no more pieces', async (files) => {
      const { number } = await whole(files, 'a');
      assert.equal(await files.append(number, 10, Buffer.from('x')), false);
    });
    on('never has the number of one that is gone', async (files) => {
      const first = await whole(files, 'a');
      await files.remove(first.number);
      const second = await whole(files, 'b');
      assert.notEqual(second.number, first.number);
    });
    on('is removed with all its pieces, however many, and once', async (files) => {
      await files.reserve(acme, place('a', { size: 100 }), room);
      const { number = 0 } = (await files.claim(acme, 'put of a', 1_500, 3_000)) ?? {};
      for (let at = 0; at < 100; at++) await files.append(number, at, Buffer.from('x'));
      await files.finish(number, 9_000);
      const kept = await whole(files, 'b');
      await Promise.all([files.remove(number), files.remove(number)]);
      await files.remove(number);
      assert.equal(await files.piece(number, 99), undefined);
      assert.equal(await files.find(acme, 'id of a', 1_500), undefined);
      assert.deepEqual(await files.expired(Number.MAX_SAFE_INTEGER, 10), [kept.number]);
    });
  });

  describe('what is too old', () => {
    on('is told, oldest first, at most as many as are asked for: files, uploads and places', async (files) => {
      const late = await whole(files, 'late', {}, 9_000);
      const soon = await whole(files, 'soon', {}, 8_000);
      await files.reserve(acme, place('unused', { until: 2_000 }), room);
      await files.reserve(acme, place('cut'), room);
      const cut = await files.claim(acme, 'put of cut', 1_500, 3_000);
      assert.deepEqual(await files.expired(1_999, 10), []);
      assert.equal((await files.expired(2_000, 10)).length, 1);
      const [unused, ...rest] = await files.expired(9_000, 10);
      assert.deepEqual(rest, [cut?.number, soon.number, late.number]);
      assert.deepEqual(await files.expired(9_000, 2), [unused, cut?.number]);
    });
  });

  describe('room', () => {
    const outcomes: Record<string, [more: Partial<NewFile>, room: Partial<Room>, outcome: string]> = {
      'to the last byte is given': [{ size: 40 }, { ofTenant: 100, ofKind: 100, ofBringer: 100 }, 'reserved'],
      'of the tenant is for all its files': [{ size: 41, kind: 'visitor' }, { ofTenant: 100 }, 'tenant-full'],
      'of a kind is for its files': [{ size: 41 }, { ofKind: 100 }, 'tenant-full'],
      'of one kind is not that of the other': [{ size: 41, kind: 'visitor' }, { ofKind: 100 }, 'reserved'],
      'of a bringer is for what this one brought': [{ size: 41 }, { ofBringer: 100 }, 'bringer-full'],
      'of a bringer is not that of another': [{ size: 41, bringer: 'varun' }, { ofBringer: 100 }, 'reserved'],
      'of a bringer of the other kind neither': [{ size: 41, kind: 'visitor' }, { ofBringer: 100 }, 'reserved'],
      'of a bringer forgets what came before': [{ size: 41 }, { ofBringer: 100, since: 1_001 }, 'reserved'],
    };
    for (const [sentence, [more, limits, outcome]] of Object.entries(outcomes)) {
      on(sentence, async (files) => {
        const first = await whole(files, 'first', { size: 10 });
        await files.reserve(acme, place('place', { size: 50 }), room);
        await files.reserve(other, place('of another tenant', { size: 900 }), room);
        assert.ok(first);
        assert.equal(await files.reserve(acme, place('asked', more), { ...room, ...limits }), outcome);
      });
    }
    on('is given to one of two for whom there is not enough, at the same time', async (files) => {
      const asked = ['a', 'b'].map((name) => files.reserve(acme, place(name, { size: 600 }), room));
      assert.deepEqual((await Promise.all(asked)).sort(), ['reserved', 'tenant-full']);
    });
    on('comes back once when a file goes', async (files) => {
      const { number } = await whole(files, 'a', { size: 600 });
      assert.equal(await files.reserve(acme, place('b', { size: 600 }), room), 'tenant-full');
      await files.remove(number);
      await files.remove(number);
      assert.equal(await files.reserve(acme, place('c', { size: 1_000 }), room), 'reserved');
      assert.equal(await files.reserve(acme, place('d', { size: 1 }), room), 'tenant-full');
    });
    on('is not taken by what was refused', async (files) => {
      await files.reserve(acme, place('a', { size: 1_001 }), room);
      assert.equal(await files.claim(acme, 'put of a', 1_500, 3_000), undefined);
      assert.equal(await files.reserve(acme, place('b', { size: 1_000 }), room), 'reserved');
    });
  });
}
