import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { AppMessage } from '../bus/messages.ts';
import { xml } from '../xmpp/element.ts';
import { parseElement } from './fake-edge.ts';
import { readMessage } from './read-message.ts';

const read = (content: string) => readMessage(parseElement(`<message type='chat' id='m1'>${content}</message>`));

describe('reading what an app sent', () => {
  const table: [string, string, AppMessage][] = [
    ['a text', '<body>Hello</body>', { id: 'm1', body: 'Hello' }],
    ['an empty body is none', '<body/>', { id: 'm1' }],
    ['a blank body is none', '<body> \n\u200b\u2800</body>', { id: 'm1' }],
    [
      'a chat state beside the text',
      "<body>a</body><active xmlns='http://jabber.org/protocol/chatstates'/>",
      { id: 'm1', body: 'a', state: 'active' },
    ],
    [
      'the first chat state counts, unknown ones do not',
      "<dancing xmlns='http://jabber.org/protocol/chatstates'/><composing xmlns='http://jabber.org/protocol/chatstates'/><gone xmlns='http://jabber.org/protocol/chatstates'/>",
      { id: 'm1', state: 'composing' },
    ],
    ['a chat state of another namespace is none', "<composing xmlns='jabber:x:event'/>", { id: 'm1' }],
    [
      'a receipt request and an origin id',
      "<body>a</body><request xmlns='urn:xmpp:receipts'/><origin-id xmlns='urn:xmpp:sid:0' id='o1'/>",
      { id: 'm1', originId: 'o1', body: 'a', receipt: true },
    ],
    [
      'a correction',
      "<body>b</body><replace xmlns='urn:xmpp:message-correct:0' id='m0'/>",
      { id: 'm1', body: 'b', replaces: 'm0' },
    ],
    [
      'E21 XHTML-IM: the plain body counts, and the body in it does not',
      "<html xmlns='http://jabber.org/protocol/xhtml-im'><body xmlns='http://www.w3.org/1999/xhtml'><b>x</b></body></html><body>plain</body>",
      { id: 'm1', body: 'plain' },
    ],
    ['E21 a body of another namespace is none', "<body xmlns='http://www.w3.org/1999/xhtml'>x</body>", { id: 'm1' }],
    [
      'G29 OMEMO with its fallback body',
      "<body>I sent you an OMEMO message</body><encrypted xmlns='eu.siacs.conversations.axolotl'/>",
      { id: 'm1', body: 'I sent you an OMEMO message', encrypted: true },
    ],
    [
      'G29 a body that stands in for an encrypted one (XEP-0380)',
      "<body>x</body><encryption xmlns='urn:xmpp:eme:0' namespace='urn:xmpp:omemo:2'/>",
      { id: 'm1', body: 'x', encrypted: true },
    ],
    [
      'G29 an OTR query',
      '<body>?OTRv3? Jesse wants to</body>',
      { id: 'm1', body: '?OTRv3? Jesse wants to', encrypted: true },
    ],
    ['G29 OTR data', '<body> ?OTR:AAMC</body>', { id: 'm1', body: ' ?OTR:AAMC', encrypted: true }],
    ['a question that begins like OTR is text', '<body>?OTRAX or not</body>', { id: 'm1', body: '?OTRAX or not' }],
    [
      'a quotation, in code points (XEP-0461)',
      "<body>&gt; 😀\nfine</body><reply xmlns='urn:xmpp:reply:0' id='x'/><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body start='0' end='4'/></fallback>",
      { id: 'm1', body: '> 😀\nfine', answers: 'x', quoted: 5 },
    ],
    [
      'a quotation that ends after the text ends with it',
      "<body>abc</body><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body start='0' end='999999999'/></fallback>",
      { id: 'm1', body: 'abc', quoted: 3 },
    ],
    [
      'a quotation without a range is the whole text',
      "<body>abc</body><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body/></fallback>",
      { id: 'm1', body: 'abc', quoted: 3 },
    ],
    [
      'a range that does not begin the text is no quotation',
      "<body>abc</body><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body start='1' end='2'/></fallback>",
      { id: 'm1', body: 'abc' },
    ],
    [
      'a range that is no number is no quotation',
      "<body>abc</body><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body start='0' end='-2'/></fallback>",
      { id: 'm1', body: 'abc' },
    ],
    [
      'the fallback of something else is no quotation',
      "<body>abc</body><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reactions:0'><body start='0' end='2'/></fallback>",
      { id: 'm1', body: 'abc' },
    ],
    [
      'a reaction: each emoji once, in order',
      "<reactions xmlns='urn:xmpp:reactions:0' id='x'><reaction>🎉</reaction><reaction> 👍🏽 </reaction><reaction>🎉</reaction></reactions>",
      { id: 'm1', reacts: { to: 'x', with: ['🎉', '👍🏽'] } },
    ],
    [
      'a reaction that is gone',
      "<reactions xmlns='urn:xmpp:reactions:0' id='x'/>",
      { id: 'm1', reacts: { to: 'x', with: [] } },
    ],
    [
      'G30 a reaction that is no emoji is nothing',
      "<reactions xmlns='urn:xmpp:reactions:0' id='x'><reaction>$end</reaction><reaction>▸ x</reaction></reactions>",
      { id: 'm1' },
    ],
    [
      'a retraction, and no more is read of it',
      "<retract xmlns='urn:xmpp:message-retract:1' id='x'/><replace xmlns='urn:xmpp:message-correct:0' id='y'/>",
      { id: 'm1', retracts: 'x' },
    ],
    [
      'a retraction as it was before version 0.4',
      "<apply-to xmlns='urn:xmpp:fasten:0' id='x'><retract xmlns='urn:xmpp:message-retract:0'/></apply-to>",
      { id: 'm1', retracts: 'x' },
    ],
    ['G30 a retraction of nothing is nothing', "<retract xmlns='urn:xmpp:message-retract:1'/>", { id: 'm1' }],
    [
      'an address that is also the text (XEP-0066)',
      "<body>https://a.test/f.png</body><x xmlns='jabber:x:oob'><url>https://a.test/f.png</url></x>",
      { id: 'm1', body: 'https://a.test/f.png', url: 'https://a.test/f.png' },
    ],
    [
      'E21 an address that its reader would not see is nothing',
      "<body>look</body><x xmlns='jabber:x:oob'><url>https://a.test/f.png</url></x>",
      { id: 'm1', body: 'look' },
    ],
    [
      'E21 an address of another kind is nothing',
      "<body>javascript:x</body><x xmlns='jabber:x:oob'><url>javascript:x</url></x>",
      { id: 'm1', body: 'javascript:x' },
    ],
    [
      'a wish to know when it was shown (XEP-0333)',
      "<body>a</body><markable xmlns='urn:xmpp:chat-markers:0'/>",
      { id: 'm1', body: 'a', markable: true },
    ],
    [
      'G30 the text that stands for a reaction is not read',
      "<body>&gt; Hello?\n👍</body><reactions xmlns='urn:xmpp:reactions:0' id='x'><reaction>👍</reaction></reactions><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reactions:0'><body/></fallback>",
      { id: 'm1', reacts: { to: 'x', with: ['👍'] } },
    ],
    [
      'G30 nor is one that is not marked as such',
      "<body>👍</body><reactions xmlns='urn:xmpp:reactions:0' id='x'><reaction>👍</reaction></reactions>",
      { id: 'm1', reacts: { to: 'x', with: ['👍'] } },
    ],
    [
      'G30 nor that of a retraction',
      "<retract xmlns='urn:xmpp:message-retract:1' id='x'/><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:message-retract:1'/><body>/me retracted a previous message, but it's unsupported by your client.</body>",
      { id: 'm1', retracts: 'x' },
    ],
    [
      'that of anything else is: it is what we can read of it',
      "<body>a text</body><fallback xmlns='urn:xmpp:fallback:0' for='urn:example:new'><body start='0' end='6'/></fallback><receipt/>",
      { id: 'm1', body: 'a text' },
    ],
    [
      'a subject that stands for something is no text that does',
      "<body>a text</body><fallback xmlns='urn:xmpp:fallback:0' for='urn:example:new'><subject/></fallback>",
      { id: 'm1', body: 'a text' },
    ],
    [
      'the text that stands for an encrypted one is kept, so that its author is told',
      "<body>This is encrypted.</body><encryption xmlns='urn:xmpp:eme:0' namespace='urn:xmpp:omemo:2'/><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:omemo:2'><body/></fallback>",
      { id: 'm1', body: 'This is encrypted.', encrypted: true },
    ],
    [
      'E12 E13 E14 E16 carbons, archive results, stanza ids and delays of an app are nothing',
      "<body>a</body><received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'/></received><result xmlns='urn:xmpp:mam:2' id='1'/><stanza-id xmlns='urn:xmpp:sid:0' by='acme.example' id='1'/><delay xmlns='urn:xmpp:delay' stamp='0000-00-00T00:00:00Z'/>",
      { id: 'm1', body: 'a' },
    ],
  ];
  for (const [name, content, message] of table) {
    it(name, () => {
      assert.deepEqual(read(content).message, message);
    });
  }

  it('reads a receipt', () => {
    assert.equal(read("<received xmlns='urn:xmpp:receipts' id='m0'/>").received, 'm0');
  });

  it('reads what was shown, and nothing of older markers', () => {
    assert.equal(read("<displayed xmlns='urn:xmpp:chat-markers:0' id='m0'/>").displayed, 'm0');
    assert.equal(read("<received xmlns='urn:xmpp:chat-markers:0' id='m0'/>").displayed, undefined);
    assert.equal(read("<received xmlns='urn:xmpp:chat-markers:0' id='m0'/>").received, undefined);
  });

  it('tells what it cannot make out from what is not there', () => {
    assert.equal(read("<retract xmlns='urn:xmpp:message-retract:1'/>").notWords, 'retraction');
    assert.equal(read("<reactions xmlns='urn:xmpp:reactions:0'/>").notWords, 'reaction');
    assert.equal(read("<reactions xmlns='urn:xmpp:reactions:0' id='x'/>").notWords, undefined);
  });

  it('takes at most 20 reactions', () => {
    const many = Array.from({ length: 40 }, (_, n) => `<reaction>${String.fromCodePoint(0x1f600 + n)}</reaction>`);
    const { reacts } = read(`<reactions xmlns='urn:xmpp:reactions:0' id='x'>${many.join('')}</reactions>`).message;
    assert.equal(reacts?.with.length, 20);
  });

  it('reads that nobody keeps it', () => {
    assert.equal(read("<body>a</body><no-store xmlns='urn:xmpp:hints'/>").noStore, true);
    assert.equal(read('<body>a</body>').noStore, false);
  });

  it('reads that nobody else is to get a copy', () => {
    assert.equal(read("<body>a</body><private xmlns='urn:xmpp:carbons:2'/>").noCopies, true);
    assert.equal(read("<body>a</body><no-copy xmlns='urn:xmpp:hints'/>").noCopies, true);
    assert.equal(read('<body>a</body>').noCopies, false);
  });

  it('takes an id that no app makes for none', () => {
    const id = 'x'.repeat(2_000);
    assert.deepEqual(readMessage(parseElement(`<message id='${id}'><body>a</body></message>`)).message, { body: 'a' });
  });

  it('never quotes half a character or more than there is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), fc.nat(40), (body, end) => {
        const fallback = xml(
          'fallback',
          { xmlns: 'urn:xmpp:fallback:0', for: 'urn:xmpp:reply:0' },
          xml('body', { start: 0, end }),
        );
        const stanza = xml('message', { xmlns: 'jabber:client' }, xml('body', {}, body), fallback);
        const { quoted = 0 } = readMessage(stanza).message;
        const rest = Array.from(body).slice(end).join('');
        if (readMessage(stanza).message.body !== undefined) assert.equal(body.slice(quoted), rest);
      }),
    );
  });
});
