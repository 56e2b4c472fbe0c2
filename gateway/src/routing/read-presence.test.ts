import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StanzaError } from '../xmpp/stanza-error.ts';
import { parseElement } from './fake-edge.ts';
import { LONGEST_STATUS, readPresence } from './read-presence.ts';

const read = (content: string) => readPresence(parseElement(`<presence>${content}</presence>`));

describe('reading the presence of an app', () => {
  it('takes nothing said for available with priority 0', () => {
    assert.deepEqual(read(''), { show: 'available', priority: 0 });
    assert.deepEqual(read('<show/><status> </status><priority/>'), { show: 'available', priority: 0 });
  });

  it('reads show, status, priority and which program it is', () => {
    assert.deepEqual(
      read(
        "<show>away</show><status>lunch</status><priority>-5</priority><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='http://pidgin.im/' ver='x'/>",
      ),
      { show: 'away', status: 'lunch', priority: -5, capsNode: 'http://pidgin.im/' },
    );
  });

  for (const priority of ['127', '+127', '-128', ' 5 ']) {
    it(`takes priority ${priority}`, () => {
      assert.equal(read(`<priority>${priority}</priority>`).priority, Number(priority));
    });
  }

  for (const wrong of ['128', '-129', '1.5', 'high', '0x1', '9999999999']) {
    it(`E17 refuses priority ${wrong}`, () => {
      assert.throws(
        () => read(`<priority>${wrong}</priority>`),
        (error) => error instanceof StanzaError && error.condition === 'bad-request',
      );
    });
  }

  it('E17 refuses a show that does not exist', () => {
    assert.throws(
      () => read('<show>foo</show>'),
      (error) => error instanceof StanzaError && error.condition === 'bad-request',
    );
  });

  it('E17 cuts a long status, never through a character', () => {
    assert.equal(read(`<status>${'a'.repeat(100_000)}</status>`).status?.length, LONGEST_STATUS);
    const status = read(`<status>a${'😀'.repeat(1_000)}</status>`).status ?? '';
    assert.equal(status.isWellFormed(), true);
    assert.equal(status.length, LONGEST_STATUS - 1);
  });
});
