import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Availability } from '../bus/messages.ts';
import type { SessionRecord } from '../bus/port.ts';
import { FakeEdge, noLayer } from './fake-edge.ts';
import { ownCopies, recipientsOf } from './recipients.ts';

const edge = new FakeEdge(noLayer);
const session = (resource: string, availability: Availability | null, carbons = false): SessionRecord =>
  edge.app('varun', resource, { availability, carbons }).record;
const at = (priority: number): Availability => ({ show: 'available', priority });
const names = (records: readonly SessionRecord[]) => records.map((one) => one.resource).join(' ');

const desk = session('desk', at(5));
const phone = session('phone', { show: 'xa', priority: 0 }, true);
const tv = session('tv', at(-1));
const watch = session('watch', at(-1), true);
const silent = session('silent', null);
/** It takes nothing that is for the bare JID. */
const alias = session('helpdesk', at(-1));
const all = [desk, phone, tv, watch, silent];

describe('which apps a message is for [RFC6121 §8.5]', () => {
  const table: [string, readonly SessionRecord[], string, string, string][] = [
    ['bare: all with priority ≥ 0, whatever their show; a copy to carbons', all, '', 'desk phone', 'watch'],
    ['the address colleagues know is the bare one', all, 'helpdesk', 'desk phone', 'watch'],
    ['a resource that is there: only that, copies to carbons', all, 'desk', 'desk', 'phone watch'],
    ['a resource with negative priority that is addressed itself', all, 'tv', 'tv', 'phone watch'],
    ['a resource that is there without presence', all, 'silent', 'silent', 'phone watch'],
    ['a resource that is not there: as bare', all, 'gone', 'desk phone', 'watch'],
    ['only negative priorities: nobody', [tv, watch], '', '', ''],
    ['no app: nobody', [], '', '', ''],
    ['no available app: nobody', [silent], '', '', ''],
    ['an app that calls itself as the address that colleagues know is none of it', [alias], 'helpdesk', '', ''],
    ['nor beside others', [desk, alias], 'helpdesk', 'desk', ''],
  ];
  for (const [name, sessions, resource, to, copies] of table) {
    it(name, () => {
      const found = recipientsOf(sessions, resource);
      assert.equal(names(found.to), to);
      assert.equal(names(found.copies), copies);
    });
  }

  it('own lines go to the own other apps that take the bare JID or have carbons', () => {
    assert.equal(names(ownCopies(all, desk.id)), 'phone watch');
    assert.equal(names(ownCopies(all, phone.id)), 'desk watch');
  });
});
