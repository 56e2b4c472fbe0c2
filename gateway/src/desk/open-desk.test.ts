import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { describe, it } from 'node:test';
import { ManualClock, settled, silentLogger } from '@chat-gateway/runtime';
import { BusUnavailableError } from '../bus/port.ts';
import { HelpdeskError } from '../helpdesk/errors.ts';
import { abilitiesOf } from './abilities.ts';
import { openDesk } from './open-desk.ts';
import { FakeHelpdesk, staffUser } from './testing/fake-helpdesk.ts';

/** A helpdesk that does not answer the first `faults` times that it is opened. */
function opening(faults: number) {
  const clock = new ManualClock();
  const helpdesk = new FakeHelpdesk(() => clock.now(), staffUser('jesse', 'Jesse Lee'));
  const open = helpdesk.open.bind(helpdesk);
  let tries = 0;
  helpdesk.open = (listener) =>
    ++tries > faults ? open(listener) : Promise.reject(new HelpdeskError({ is: 'unreachable' }));
  const abort = new AbortController();
  const desk = openDesk({
    helpdesk,
    seat: { state: new Map(), sessions: [], commit: () => Promise.resolve() },
    settings: {
      place: { domain: 'acme.example', visitorsDomain: 'visitors.acme.example' },
      windowClose: { enabled: true, grace: 20_000 },
      can: abilitiesOf(helpdesk),
      off: new Set(),
      canned: [],
    },
    clock,
    random: (bytes) => '7'.repeat(2 * bytes),
    log: silentLogger,
    signal: abort.signal,
  });
  return { clock, abort, desk, tries: () => tries };
}

describe('a desk whose helpdesk does not answer', () => {
  it('opens it again every second until it does, and keeps nothing of the tries', async () => {
    const { clock, abort, desk, tries } = opening(20);
    for (let second = 0; second < 20; second++) {
      await settled();
      assert.equal(tries(), second + 1);
      assert.equal(getEventListeners(abort.signal, 'abort').length, 1);
      await clock.advance(1_000);
    }
    await (await desk).close();
    assert.equal(tries(), 21);
    assert.equal(getEventListeners(abort.signal, 'abort').length, 0);
  });
  it('gives up as soon as it is not wanted any more', async () => {
    const { abort, desk, tries } = opening(20);
    await settled();
    abort.abort();
    await assert.rejects(desk, BusUnavailableError);
    assert.equal(tries(), 1);
  });
});
