import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { xml } from '../xmpp/element.ts';
import { serialize } from '../xmpp/serialize.ts';
import { StreamError } from '../xmpp/stream-error.ts';
import { checkStanza } from './stanza-check.ts';

const jesse = { bareJid: 'jesse@acme.test', fullJid: 'jesse@acme.test/desk', domain: 'acme.test' };
const error = (name: string, condition: string, id = " id='1'", from = ''): string =>
  `<${name} type='error'${id} to='jesse@acme.test/desk'${from}><error type='modify'><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></${name}>`;

describe('who speaks', () => {
  it('E02 no from, or ones own bare or full JID, is stamped with the full one', () => {
    for (const from of [undefined, 'jesse@acme.test', 'jesse@acme.test/desk', 'Jesse@ACME.test']) {
      const element = xml('message', { from });
      assert.deepEqual(checkStanza(element, jesse), { is: 'good' });
      assert.equal(element.attrs['from'], 'jesse@acme.test/desk');
    }
  });
  for (const from of ['varun@acme.test', 'jesse@acme.test/phone', 'acme.test', 'jesse@beta.test/desk', '', 'a@b@c'])
    it(`E01, E02 from ${JSON.stringify(from)} ends the stream`, () => {
      assert.throws(
        () => checkStanza(xml('message', { from }), jesse),
        (cause) => cause instanceof StreamError && cause.condition === 'invalid-from',
      );
    });
});

describe('for whom', () => {
  it('D13 an address is made canonical', () => {
    const element = xml('message', { to: 'VARUN@Acme.TEST/Desk' });
    assert.deepEqual(checkStanza(element, jesse), { is: 'good' });
    assert.equal(element.attrs['to'], 'varun@acme.test/Desk');
  });
  for (const to of ['a@b@c', '@x', 'x/', 'a b@x', '"x"@y', 'a\u0000@x', 'a\n@x', '', `${'a'.repeat(1_024)}@acme.test`])
    it(`D09 to ${JSON.stringify(to.slice(0, 12))} is malformed`, () => {
      const checked = checkStanza(xml('message', { to, id: '1' }), jesse);
      assert.ok(checked.is === 'bad' && checked.answer !== undefined);
      assert.equal(serialize(checked.answer), error('message', 'jid-malformed', undefined, ` from='acme.test'`));
    });
  it('an error is never answered', () => {
    const checked = checkStanza(xml('message', { to: 'a@b@c', type: 'error' }), jesse);
    assert.deepEqual(checked, { is: 'bad', answer: undefined });
  });
});

describe('an IQ', () => {
  const query = (): ReturnType<typeof xml> => xml('query', 'urn:x');
  const bad: Record<string, readonly [Parameters<typeof xml>[1], number, string]> = {
    'E04 without an id': [{ type: 'get' }, 1, ''],
    'E04 with an empty id': [{ type: 'get', id: '' }, 1, ` id=''`],
    'E05 that asks nothing': [{ type: 'get', id: '1' }, 0, ` id='1'`],
    'E05 that asks two things': [{ type: 'set', id: '1' }, 2, ` id='1'`],
    'E06 of another type': [{ type: 'foo', id: '1' }, 1, ` id='1'`],
    'without a type': [{ id: '1' }, 1, ` id='1'`],
  };
  for (const [name, [attributes, children, id]] of Object.entries(bad))
    it(name, () => {
      const checked = checkStanza(xml('iq', attributes, ...Array.from({ length: children }, query)), jesse);
      assert.ok(checked.is === 'bad' && checked.answer !== undefined);
      assert.equal(serialize(checked.answer), error('iq', 'bad-request', id));
    });
  it('E08 a bad answer is not answered', () => {
    assert.deepEqual(checkStanza(xml('iq', { type: 'result' }), jesse), { is: 'bad', answer: undefined });
  });
  it('a good one passes', () => {
    assert.deepEqual(checkStanza(xml('iq', { type: 'get', id: '1' }, query()), jesse), { is: 'good' });
    assert.deepEqual(checkStanza(xml('iq', { type: 'result', id: '1' }), jesse), { is: 'good' });
  });
});
