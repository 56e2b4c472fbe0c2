import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { InboundLedger, type LedgerOwner, type Place } from './inbound-ledger.ts';

const nobody: LedgerOwner = { settled: () => undefined };

describe('the ledger of an apps stanzas', () => {
  it('counts a stanza only when all before it are settled, in whatever order they are', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000), { minLength: 1, maxLength: 40 }), (keys) => {
        const ledger = new InboundLedger(2 ** 32 - 5, nobody);
        const places = keys.map((key, index) => ({ key, index, place: ledger.read('message', String(index), 10) }));
        const settled = new Set<number>();
        for (const { index, place } of places.toSorted((a, b) => a.key - b.key)) {
          place?.settle();
          settled.add(index);
          let contiguous = 0;
          while (settled.has(contiguous)) contiguous++;
          assert.equal(ledger.handled, (2 ** 32 - 5 + contiguous) % 2 ** 32);
          assert.equal(ledger.unsettled, keys.length - settled.size);
          assert.equal(ledger.unsettledBytes, 10 * (keys.length - settled.size));
        }
      }),
    );
  });
  it('after a resume, what is still being handled is not handled again', () => {
    const ledger = new InboundLedger(0, nobody);
    const [first, second, third] = ['a', 'b', 'c'].map((id) => ledger.read('message', id, 1)) as Place[];
    first?.settle();
    third?.settle();
    assert.equal(ledger.handled, 1);
    ledger.resume();
    assert.equal(ledger.read('message', 'b', 1), undefined);
    assert.equal(ledger.read('message', 'c', 1), undefined);
    const fourth = ledger.read('message', 'd', 1);
    assert.equal(fourth?.number, 4);
    second?.settle();
    assert.equal(ledger.handled, 3);
  });
  it('an app that does not send the same again is not taken for one that does', () => {
    const ledger = new InboundLedger(0, nobody);
    const lost = ledger.read('presence', 'p', 1);
    ledger.resume();
    const other = ledger.read('message', 'm', 1);
    assert.equal(other?.number, 1);
    assert.equal(other?.version, 1);
    lost?.settle();
    assert.equal(ledger.handled, 0, 'the old one says nothing of the new one');
    other?.settle();
    assert.equal(ledger.handled, 1);
    assert.equal(ledger.unsettled, 0);
  });
  for (const count of [1, 2, 5]) {
    it(`what is handled between a resume and its sending again is known, too (${count} stanzas)`, () => {
      const ledger = new InboundLedger(0, nobody);
      const ids = Array.from({ length: count }, (_, index) => `m${index}`);
      const places = ids.map((id) => ledger.read('message', id, 1));
      ledger.resume();
      for (const place of places) place?.settle();
      assert.equal(ledger.handled, count);
      for (const id of ids) assert.equal(ledger.read('message', id, 1), undefined);
      const next = ledger.read('message', 'next', 1);
      assert.equal(next?.number, count + 1);
      next?.settle();
      assert.equal(ledger.handled, count + 1);
      assert.equal(ledger.unsettled, 0);
    });
  }
  it('another stanza with a number that is counted already is handled and not counted twice', () => {
    const ledger = new InboundLedger(0, nobody);
    const lost = ledger.read('presence', 'p', 1);
    ledger.resume();
    lost?.settle();
    const other = ledger.read('message', 'm', 1);
    assert.deepEqual([other?.number, other?.version, ledger.handled], [1, 1, 1]);
    other?.settle();
    assert.deepEqual([ledger.handled, ledger.unsettled], [1, 0]);
  });
  it('whatever is cut, resumed and settled in between, each stanza is handled once and counted once', () => {
    const step = fc.constantFrom('send', 'settle', 'resume');
    fc.assert(
      fc.property(fc.array(fc.tuple(step, fc.nat(100)), { maxLength: 60 }), (steps) => {
        const ledger = new InboundLedger(2 ** 32 - 3, nobody);
        const first = ledger.handled;
        const handled: string[] = [];
        const open: Place[] = [];
        let sent = 0;
        let next = 0;
        for (const [what, pick] of steps) {
          if (what === 'send') {
            const id = String(next++);
            sent = Math.max(sent, next);
            const place = ledger.read('message', id, 1);
            if (place !== undefined) {
              handled.push(id);
              open.push(place);
            }
          } else if (what === 'settle') open.splice(pick % Math.max(1, open.length), 1)[0]?.settle();
          else {
            // the app sends again what it has not been told as handled
            ledger.resume();
            next = (ledger.handled - first + 2 ** 32) % 2 ** 32;
          }
        }
        assert.deepEqual(handled, [...new Set(handled)]);
        while (next < sent) assert.equal(ledger.read('message', String(next++), 1), undefined);
        for (const place of open) place.settle();
        assert.equal((ledger.handled - first + 2 ** 32) % 2 ** 32, sent);
        assert.equal(ledger.unsettled, 0);
      }),
    );
  });
  it('settling twice counts once', () => {
    let changes = 0;
    const ledger = new InboundLedger(0, { settled: () => changes++ });
    const place = ledger.read('iq', 'x', 1);
    place?.settle();
    place?.settle();
    assert.equal(ledger.handled, 1);
    assert.equal(changes, 1);
  });
});
