import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { OutboxEntry } from '../bus/port.ts';
import { Outbound } from './outbound.ts';

let sequence = 0;
const entry = (): OutboxEntry => ({ sequence: ++sequence, item: { kind: 'stanza', xml: '<message/>' } });
const numbers = (...entries: OutboxEntry[]): (number | undefined)[] => entries.map((one) => one.number);

describe('what waits to be written', () => {
  it('is one text, in order, and only stanzas are counted', () => {
    const outbound = new Outbound();
    const one = entry();
    outbound.push({ is: 'stanza', text: '<presence/>' });
    outbound.push({ is: 'nonza', text: '<r/>' });
    outbound.push({ is: 'stanza', text: '<message/>', entry: one });
    const { text, entries } = outbound.take();
    assert.equal(text, '<presence/><r/><message/>');
    assert.deepEqual(entries, [one]);
    assert.equal(one.number, 2);
    assert.equal(outbound.written, 2);
    assert.ok(outbound.isEmpty);
  });
  it('numbers begin behind <enabled/>, and what was written before has the number 0', () => {
    const outbound = new Outbound();
    const [before, between, behind] = [entry(), entry(), entry()];
    outbound.push({ is: 'stanza', text: 'a', entry: before });
    outbound.take();
    outbound.push({ is: 'stanza', text: 'b', entry: between });
    outbound.push({ is: 'enabled', text: 'E' });
    outbound.push({ is: 'stanza', text: 'c', entry: behind });
    assert.equal(outbound.take().text, 'bEc');
    assert.deepEqual(numbers(before, between, behind), [0, 0, 1]);
    assert.equal(outbound.written, 1);
  });
  it('is proved up to a number, and what has none is not', () => {
    const outbound = new Outbound();
    const [one, two, three] = [entry(), entry(), entry()];
    for (const each of [one, two]) outbound.push({ is: 'stanza', text: 'xx', entry: each });
    outbound.take();
    outbound.push({ is: 'stanza', text: 'xx', entry: three });
    assert.equal(outbound.unprovedEntries, 3);
    assert.equal(outbound.unprovedCharacters, 6);
    outbound.proved(1);
    assert.equal(outbound.unprovedEntries, 2);
    outbound.proved(100);
    assert.equal(outbound.unprovedEntries, 1);
    assert.equal(outbound.unprovedCharacters, 2);
    assert.ok(!outbound.hasWritten);
  });
  it('an entry that an app has nothing to see of is proved with what came before it', () => {
    const outbound = new Outbound();
    const [seen, unseen] = [entry(), entry()];
    outbound.push({ is: 'stanza', text: 'x', entry: seen });
    outbound.push({ is: 'blank', entry: unseen });
    assert.equal(outbound.take().text, 'x');
    assert.deepEqual(numbers(seen, unseen), [1, 1]);
    outbound.proved(1);
    assert.equal(outbound.unprovedEntries, 0);
  });
  it('a ping knows what was written before it', () => {
    const outbound = new Outbound();
    const ping = { covers: 0 };
    outbound.push({ is: 'stanza', text: 'a' });
    outbound.push({ is: 'ping', text: 'p', ping });
    outbound.push({ is: 'stanza', text: 'b' });
    outbound.take();
    assert.equal(ping.covers, 1);
    assert.equal(outbound.written, 3);
  });
  it('begins again behind what a resumed app has got', () => {
    const outbound = new Outbound();
    const one = entry();
    outbound.push({ is: 'stanza', text: 'a', entry: one });
    outbound.take();
    outbound.restart(7);
    outbound.push({ is: 'stanza', text: 'a', entry: one });
    outbound.take();
    assert.equal(one.number, 8);
    assert.equal(outbound.unprovedEntries, 1);
  });
});
