import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { StaffId, TenantId } from '../helpdesk/model.ts';
import { PRE_AUTH_LIMITS } from '../xmpp/limits.ts';
import type { XmlElement } from '../xmpp/element.ts';
import { serialize } from '../xmpp/serialize.ts';
import { StreamError } from '../xmpp/stream-error.ts';
import { StreamParser } from '../xmpp/stream-parser.ts';
import { initialState, isForSession, step } from './stream-machine.ts';
import type { Account, StreamAction, StreamEvent, StreamState, StreamWorld } from './stream-state.ts';

const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl';
const jesse: Account = {
  tenant: 'acme.test' as TenantId,
  domain: 'acme.test',
  usernameDomain: 'acme.com',
  staff: 'jesse' as StaffId,
  username: 'jesse',
  bareJid: 'jesse@acme.test',
};
const world: StreamWorld = {
  hostName: 'chat.test',
  maxBytes: { before: 8_192, after: 262_144 },
  realm: (domain) =>
    domain === 'acme.test' || domain === 'beta.test' ? { domain, usernameDomain: 'acme.com' } : undefined,
  featuresOf: () => [],
};

function element(text: string): XmlElement {
  let found: XmlElement | undefined;
  const parser = new StreamParser(
    { header: () => undefined, element: (one) => void (found = one), end: () => undefined },
    { ...PRE_AUTH_LIMITS, elementBytes: 100_000, tagBytes: 100_000 },
  );
  parser.write(
    Buffer.from(`<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>${text}`),
  );
  assert.ok(found, text);
  return found;
}

/** An action as a test reads it. */
function words(action: StreamAction): string {
  switch (action.do) {
    case 'open':
      return `open ${action.from}${action.to === undefined ? '' : ` to ${action.to}`}`;
    case 'send':
    case 'answer':
      return `${action.do} ${serialize(action.element)}`;
    case 'close':
      return `close${action.logout ? ' logout' : ''}${action.error === undefined ? '' : ` ${action.error.condition}`}`;
    case 'verify':
      return `verify ${action.credentials.username}`;
    case 'bind':
      return `bind ${action.resource ?? '(any)'}`;
    case 'resume':
      return `resume ${action.id} ${action.h}`;
    case 'enable':
      return `enable ${action.resumable ? 'resumable' : 'plain'}`;
    case 'acknowledged':
      return `acknowledged ${action.h}`;
    case 'start-tls':
      return `start-tls ${action.domain}`;
    case 'stanza':
    case 'nonza':
      return `${action.do} ${action.element.name}`;
    case 'restart':
    case 'acknowledge':
      return action.do;
  }
}

const header = (attributes: Record<string, string>): StreamEvent => ({ type: 'header', attributes });
const opening = header({ to: 'acme.test', version: '1.0' });
const says = (text: string): StreamEvent => ({ type: 'element', element: element(text) });
const auth = (message: string | Buffer, mechanism = 'PLAIN'): StreamEvent =>
  says(`<auth xmlns='${SASL}' mechanism='${mechanism}'>${Buffer.from(message).toString('base64')}</auth>`);
const good = auth('\0jesse\0secret');
const verified: StreamEvent = { type: 'verified', account: jesse };
const bound: StreamEvent = { type: 'bound', fullJid: 'jesse@acme.test/desk' };
const bind = says(
  `<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>desk</resource></bind></iq>`,
);
const toLogin = [opening];
const toBind = [opening, good, verified, opening];
const toSession = [...toBind, bind, bound];
const toManaged = [...toSession, says(`<enable xmlns='urn:xmpp:sm:3' resume='true'/>`)];

/** Runs the events; what the last of them causes, and where that leads. */
function run(events: readonly StreamEvent[], secured = true): { does: string[]; state: StreamState } {
  let state = initialState(secured);
  let does: string[] = [];
  for (const event of events) {
    const next = step(state, event, world);
    state = next.state;
    does = next.actions.map(words);
  }
  return { does, state };
}

const failure = (condition: string): string => `send <failure xmlns='${SASL}'><${condition}/></failure>`;
const smFailed = (condition: string, h?: number): string =>
  `send <failed xmlns='urn:xmpp:sm:3'${h === undefined ? '' : ` h='${h}'`}><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>`;

interface Line {
  readonly events: readonly StreamEvent[];
  readonly does: readonly (string | RegExp)[];
  readonly is: StreamState['is'];
  readonly plain?: true;
}

function table(lines: Readonly<Record<string, Line>>): void {
  for (const [name, line] of Object.entries(lines))
    it(name, () => {
      const { does, state } = run(line.events, line.plain !== true);
      assert.equal(does.length, line.does.length, does.join('\n'));
      line.does.forEach((wanted, index) => {
        if (typeof wanted === 'string') assert.equal(does[index], wanted);
        else assert.match(does[index] ?? '', wanted);
      });
      assert.equal(state.is, line.is);
    });
}

describe('the header of a stream', () => {
  table({
    'a known tenant is answered with its domain and the login features': {
      events: [opening],
      does: ['open acme.test', /^send <stream:features><mechanisms .*<mechanism>PLAIN<\/mechanism>/u],
      is: 'authenticating',
    },
    'before TLS nothing but STARTTLS is offered, and it is required': {
      plain: true,
      events: [opening],
      does: [
        'open acme.test',
        `send <stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>`,
      ],
      is: 'insecure',
    },
    'the domain is compared canonically': {
      events: [header({ to: 'ACME.test.', version: '1.0' })],
      does: ['open acme.test', /features/u],
      is: 'authenticating',
    },
    'our header says to whom it speaks, when the app has said who it is': {
      events: [header({ to: 'acme.test', version: '1.0', from: 'jesse@acme.test' })],
      does: ['open acme.test to jesse@acme.test', /features/u],
      is: 'authenticating',
    },
    'A33 no version': {
      events: [header({ to: 'acme.test' })],
      does: ['open chat.test', 'close unsupported-version'],
      is: 'closed',
    },
    'A33 version 0.9': {
      events: [header({ to: 'acme.test', version: '0.9' })],
      does: ['open chat.test', 'close unsupported-version'],
      is: 'closed',
    },
    'A33 version 99.0 gets ours': {
      events: [header({ to: 'acme.test', version: '99.0' })],
      does: ['open acme.test', /features/u],
      is: 'authenticating',
    },
    'A34 no to': {
      events: [header({ version: '1.0' })],
      does: ['open chat.test', 'close improper-addressing'],
      is: 'closed',
    },
    'A34 an empty to': {
      events: [header({ to: '', version: '1.0' })],
      does: ['open chat.test', 'close improper-addressing'],
      is: 'closed',
    },
    'A34, I10 an unknown to': {
      events: [header({ to: 'nobody.test', version: '1.0' })],
      does: ['open chat.test', 'close host-unknown'],
      is: 'closed',
    },
    'D15 a to that is no domain': {
      events: [header({ to: `a..b${'x'.repeat(300)}`, version: '1.0' })],
      does: ['open chat.test', 'close host-unknown'],
      is: 'closed',
    },
    'an error before the header comes after ours': {
      events: [{ type: 'fault', error: new StreamError('not-well-formed') }],
      does: ['open chat.test', 'close not-well-formed'],
      is: 'closed',
    },
    'C26 after the login another to is refused': {
      events: [opening, good, verified, header({ to: 'beta.test', version: '1.0' })],
      does: ['open acme.test', 'close not-authorized'],
      is: 'closed',
    },
    'E03 after the login another from is refused': {
      events: [opening, good, verified, header({ to: 'acme.test', version: '1.0', from: 'varun@acme.test' })],
      does: ['open acme.test to varun@acme.test', 'close invalid-from'],
      is: 'closed',
    },
    'E03 a from that was claimed before the login and is not who logged in': {
      events: [header({ to: 'acme.test', version: '1.0', from: 'varun@acme.test' }), good, verified],
      does: ['close invalid-from'],
      is: 'closed',
    },
    'E03 ones own from, in another case and with a resource, is fine': {
      events: [header({ to: 'acme.test', version: '1.0', from: 'Jesse@ACME.test/desk' }), good, verified],
      does: [`send <success xmlns='${SASL}'/>`, 'restart'],
      is: 'reopening',
    },
  });
});

describe('STARTTLS', () => {
  const starttls = says(`<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>`);
  table({
    'is proceeded with': {
      plain: true,
      events: [opening, starttls],
      does: [`send <proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>`, 'start-tls acme.test'],
      is: 'securing',
    },
    'all that was known before is forgotten': {
      plain: true,
      events: [
        header({ to: 'acme.test', version: '1.0', from: 'varun@acme.test' }),
        starttls,
        { type: 'secured' },
        opening,
        good,
        verified,
      ],
      does: [`send <success xmlns='${SASL}'/>`, 'restart'],
      is: 'reopening',
    },
    'B01 a login before TLS is refused': {
      plain: true,
      events: [opening, good],
      does: [failure('encryption-required')],
      is: 'insecure',
    },
    'B01 and the third one closes': {
      plain: true,
      events: [opening, good, good, good],
      does: [failure('encryption-required'), 'close policy-violation'],
      is: 'closed',
    },
    'B02 a stanza before TLS': {
      plain: true,
      events: [opening, says(`<message to='varun@acme.test'><body>x</body></message>`)],
      does: ['close not-authorized'],
      is: 'closed',
    },
    'B05 STARTTLS inside of TLS': {
      events: [opening, starttls],
      does: [`send <failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>`, 'close'],
      is: 'closed',
    },
    'B07 compression is never there, and is no way round TLS': {
      plain: true,
      events: [opening, says(`<compress xmlns='http://jabber.org/protocol/compress'><method>zlib</method></compress>`)],
      does: [`send <failure xmlns='http://jabber.org/protocol/compress'><unsupported-method/></failure>`],
      is: 'insecure',
    },
    'a fault while the handshake runs is no text on the wire': {
      plain: true,
      events: [opening, starttls, { type: 'fault', error: new StreamError('connection-timeout') }],
      does: ['close'],
      is: 'closed',
    },
  });
});

describe('SASL', () => {
  const invalid = ['close policy-violation'];
  table({
    'a password is checked': { events: [...toLogin, good], does: ['verify jesse'], is: 'verifying' },
    'attributes of other namespaces are ignored': {
      events: [
        opening,
        says(
          `<auth xmlns='${SASL}' mechanism='PLAIN' xmlns:ga='http://www.google.com/talk/protocol/auth' ga:client-uses-full-bind-result='true'>AGplc3NlAHNlY3JldA==</auth>`,
        ),
      ],
      does: ['verify jesse'],
      is: 'verifying',
    },
    'success is followed by a new stream': {
      events: [...toLogin, good, verified],
      does: [`send <success xmlns='${SASL}'/>`, 'restart'],
      is: 'reopening',
    },
    'without an initial response there is an empty challenge': {
      events: [opening, says(`<auth xmlns='${SASL}' mechanism='PLAIN'/>`)],
      does: [`send <challenge xmlns='${SASL}'/>`],
      is: 'authenticating',
    },
    'the response to the challenge is the message': {
      events: [
        opening,
        says(`<auth xmlns='${SASL}' mechanism='PLAIN'/>`),
        says(`<response xmlns='${SASL}'>AGplc3NlAHNlY3JldA==</response>`),
      ],
      does: ['verify jesse'],
      is: 'verifying',
    },
    'a response to nothing': {
      events: [opening, says(`<response xmlns='${SASL}'>AGplc3NlAHNlY3JldA==</response>`)],
      does: [failure('malformed-request')],
      is: 'authenticating',
    },
    'an abort': {
      events: [opening, says(`<auth xmlns='${SASL}' mechanism='PLAIN'/>`), says(`<abort xmlns='${SASL}'/>`)],
      does: [failure('aborted')],
      is: 'authenticating',
    },
    'C01 an unknown mechanism': {
      events: [opening, auth('x', 'NONSENSE')],
      does: [failure('invalid-mechanism')],
      is: 'authenticating',
    },
    'C02 a mechanism that is not offered': {
      events: [opening, auth('x', 'ANONYMOUS')],
      does: [failure('invalid-mechanism')],
      is: 'authenticating',
    },
    'C03 what is not base64': {
      events: [opening, says(`<auth xmlns='${SASL}' mechanism='PLAIN'>AGplc3Nl AHNlY3JldA==</auth>`)],
      does: [failure('incorrect-encoding')],
      is: 'authenticating',
    },
    'C04 an empty initial response': {
      events: [opening, says(`<auth xmlns='${SASL}' mechanism='PLAIN'>=</auth>`)],
      does: [failure('malformed-request')],
      is: 'authenticating',
    },
    'C05 a message with one NUL': {
      events: [opening, auth('jesse\0secret')],
      does: [failure('malformed-request')],
      is: 'authenticating',
    },
    'C06 the authzid of a colleague': {
      events: [opening, auth('varun@acme.test\0jesse\0secret')],
      does: [failure('invalid-authzid')],
      is: 'authenticating',
    },
    'C13 the third failed attempt closes the stream': {
      events: [opening, good, { type: 'refused' }, auth('x', 'X'), good, { type: 'refused' }],
      does: [failure('not-authorized'), 'close policy-violation'],
      is: 'closed',
    },
    'C19 a helpdesk that does not answer is no failed attempt': {
      events: [opening, good, { type: 'undecided', why: 'unavailable' }],
      does: ['close internal-server-error'],
      is: 'closed',
    },
    'a throttled login is no failed attempt either': {
      events: [opening, good, { type: 'undecided', why: 'throttled' }],
      does: ['close resource-constraint'],
      is: 'closed',
    },
    'C18 a second login after the first': { events: [...toBind, good], does: invalid, is: 'closed' },
    'C18 a second login within the session': { events: [...toSession, good], does: invalid, is: 'closed' },
    'a stanza before the login': {
      events: [opening, says(`<presence/>`)],
      does: ['close not-authorized'],
      is: 'closed',
    },
    'A36 an unknown element before the login': {
      events: [opening, says(`<foo xmlns='bar'/>`)],
      does: ['close unsupported-stanza-type'],
      is: 'closed',
    },
  });
});

describe('bind', () => {
  const answer = (type: string, condition: string): string =>
    `<iq type='error' id='b'><error type='${type}'><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>`;
  const withResource = (resource: string): StreamEvent =>
    says(
      `<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>${resource}</resource><required/></bind></iq>`,
    );
  table({
    'features after the login begin with bind': {
      events: toBind,
      does: [
        'open acme.test',
        /^send <stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'\/>.*<sm xmlns='urn:xmpp:sm:3'\/>/u,
      ],
      is: 'binding',
    },
    'a resource is claimed': { events: [...toBind, bind], does: ['bind desk'], is: 'claiming' },
    'COMPAT(profanity) an element beside the resource is ignored': {
      events: [...toBind, withResource('desk')],
      does: ['bind desk'],
      is: 'claiming',
    },
    'the app hears its full JID': {
      events: toSession,
      does: [
        `send <iq type='result' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>jesse@acme.test/desk</jid></bind></iq>`,
      ],
      is: 'bound',
    },
    'D03 no resource, or an empty one, is ours to choose': {
      events: [...toBind, withResource('')],
      does: ['bind (any)'],
      is: 'claiming',
    },
    'D03 a resource of 1,023 octets': {
      events: [...toBind, withResource('r'.repeat(1_023))],
      does: [`bind ${'r'.repeat(1_023)}`],
      is: 'claiming',
    },
    'D03 a resource of 1,024 octets': {
      events: [...toBind, withResource('r'.repeat(1_024))],
      does: [`send ${answer('modify', 'bad-request')}`],
      is: 'binding',
    },
    'D03 a resource with a line feed': {
      events: [...toBind, withResource('a&#10;b')],
      does: [`send ${answer('modify', 'bad-request')}`],
      is: 'binding',
    },
    'D03 a resource with a joiner': {
      events: [...toBind, withResource('a\u200db')],
      does: [`send ${answer('modify', 'bad-request')}`],
      is: 'binding',
    },
    'a bind of type get': {
      events: [...toBind, says(`<iq type='get' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>`)],
      does: [`send ${answer('modify', 'bad-request')}`],
      is: 'binding',
    },
    'D06 too many resources: another one may be tried': {
      events: [...toBind, bind, { type: 'not-bound', kind: 'wait', condition: 'resource-constraint' }],
      does: [`send ${answer('wait', 'resource-constraint')}`],
      is: 'binding',
    },
    'D01 a stanza before the bind': {
      events: [...toBind, says(`<message to='varun@acme.test'><body>x</body></message>`)],
      does: ['close not-authorized'],
      is: 'closed',
    },
    'D01 an IQ to the server before the bind': {
      events: [...toBind, says(`<iq type='get' id='x'><query xmlns='jabber:iq:auth'/></iq>`)],
      does: ['close not-authorized'],
      is: 'closed',
    },
    'D02 a second bind': {
      events: [...toSession, bind],
      does: [`answer ${answer('cancel', 'not-allowed')}`],
      is: 'bound',
    },
    'M14 a bind after a resume': {
      events: [...toBind, says(`<resume xmlns='urn:xmpp:sm:3' previd='r' h='0'/>`), { type: 'resumed' }, bind],
      does: [`answer ${answer('cancel', 'unexpected-request')}`],
      is: 'bound',
    },
  });
});

describe('stream management', () => {
  const resume = (attributes: string): StreamEvent => says(`<resume xmlns='urn:xmpp:sm:3' ${attributes}/>`);
  const ack = (h: string): StreamEvent => says(`<a xmlns='urn:xmpp:sm:3'${h === '' ? '' : ` h='${h}'`}/>`);
  const badAcks = Object.fromEntries(
    ['', '-1', '4294967296', 'abc', '1.5', ' 1', '0x1', '1e3'].map((h): [string, Line] => [
      `M04 an acknowledgement of ${JSON.stringify(h)}`,
      { events: [...toManaged, ack(h)], does: ['close bad-format'], is: 'closed' },
    ]),
  );
  const badResumes = Object.fromEntries(
    [`previd='r'`, `previd='r' h='-1'`, `previd='r' h='4294967296'`, `previd='r' h='abc'`, `h='0'`].map(
      (attributes): [string, Line] => [
        `M04 a resume with ${attributes}`,
        { events: [...toBind, resume(attributes)], does: [smFailed('bad-request')], is: 'binding' },
      ],
    ),
  );
  table({
    'is enabled with resumption': { events: toManaged, does: ['enable resumable'], is: 'bound' },
    'is enabled without resumption': {
      events: [...toSession, says(`<enable xmlns='urn:xmpp:sm:3'/>`)],
      does: ['enable plain'],
      is: 'bound',
    },
    'resume is 1 as well as true': {
      events: [...toSession, says(`<enable xmlns='urn:xmpp:sm:3' resume='1'/>`)],
      does: ['enable resumable'],
      is: 'bound',
    },
    'M01 enable before the login': {
      events: [opening, says(`<enable xmlns='urn:xmpp:sm:3'/>`)],
      does: [smFailed('unexpected-request')],
      is: 'authenticating',
    },
    'M01 enable before the bind': {
      events: [...toBind, says(`<enable xmlns='urn:xmpp:sm:3'/>`)],
      does: [smFailed('unexpected-request')],
      is: 'binding',
    },
    'M02 enable twice': {
      events: [...toManaged, says(`<enable xmlns='urn:xmpp:sm:3'/>`)],
      does: ['close policy-violation'],
      is: 'closed',
    },
    'an acknowledgement': { events: [...toManaged, ack('4294967295')], does: ['acknowledged 4294967295'], is: 'bound' },
    'a request for one': {
      events: [...toManaged, says(`<r xmlns='urn:xmpp:sm:3'/>`)],
      does: ['acknowledge'],
      is: 'bound',
    },
    'a request without stream management': {
      events: [...toSession, says(`<r xmlns='urn:xmpp:sm:3'/>`)],
      does: [smFailed('unexpected-request')],
      is: 'bound',
    },
    'a resume instead of a bind': {
      events: [...toBind, resume(`previd='r' h='7'`)],
      does: ['resume r 7'],
      is: 'claiming',
    },
    'M08 a resume that fails is no end: a bind may follow': {
      events: [
        ...toBind,
        resume(`previd='r' h='7'`),
        { type: 'not-resumed', condition: 'item-not-found', handled: undefined },
      ],
      does: [smFailed('item-not-found')],
      is: 'binding',
    },
    'M03 a resume whose count cannot be right hears ours': {
      events: [...toBind, resume(`previd='r' h='7'`), { type: 'not-resumed', condition: 'item-not-found', handled: 5 }],
      does: [smFailed('item-not-found', 5)],
      is: 'binding',
    },
    'M14 a resume after the bind': {
      events: [...toSession, resume(`previd='r' h='7'`)],
      does: [smFailed('unexpected-request')],
      is: 'bound',
    },
    'an unknown element of the namespace': {
      events: [...toManaged, says(`<what xmlns='urn:xmpp:sm:3'/>`)],
      does: ['close unsupported-stanza-type'],
      is: 'closed',
    },
    ...badAcks,
    ...badResumes,
  });
});

describe('a bound stream', () => {
  table({
    'stanzas go to the session': {
      events: [...toSession, says(`<message/>`)],
      does: ['stanza message'],
      is: 'bound',
    },
    'other elements are for the layer above to know': {
      events: [...toSession, says(`<active xmlns='urn:xmpp:csi:0'/>`)],
      does: ['nonza active'],
      is: 'bound',
    },
    'a message of another namespace is no stanza': {
      events: [...toSession, says(`<message xmlns='urn:x'/>`)],
      does: ['nonza message'],
      is: 'bound',
    },
    'an app that ends its stream has logged out': {
      events: [...toSession, { type: 'end' }],
      does: ['close logout'],
      is: 'closed',
    },
    'a stream error of the app leaves its session for a resume': {
      events: [
        ...toSession,
        says(`<stream:error><undefined-condition xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>`),
      ],
      does: ['close'],
      is: 'closed',
    },
    'our error leaves it too': {
      events: [...toSession, { type: 'fault', error: new StreamError('policy-violation') }],
      does: ['close policy-violation'],
      is: 'closed',
    },
    'but not for who was removed': {
      events: [...toSession, { type: 'fault', error: new StreamError('not-authorized'), logout: true }],
      does: ['close logout not-authorized'],
      is: 'closed',
    },
    'A39 nothing comes after the end': {
      events: [...toSession, { type: 'end' }, says(`<message/>`)],
      does: [],
      is: 'closed',
    },
  });
});

describe('what goes to the session without a step', () => {
  const bound: StreamState = { is: 'bound', account: jesse, by: 'bind', managed: true };
  const given = {
    'a message': ["<message to='a@b.test'><body>x</body></message>", true],
    'a message with a bind in it': ["<message><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></message>", true],
    presence: ['<presence/>', true],
    'an IQ, which may ask to bind': ["<iq type='get' id='1'/>", false],
    'a message of another namespace': ["<message xmlns='jabber:other'/>", false],
    'a request for an acknowledgement': ["<r xmlns='urn:xmpp:sm:3'/>", false],
  } as const;
  for (const [name, [text, is]] of Object.entries(given)) {
    it(`${name}: ${is ? 'does, as a step would give it' : 'does not'}`, () => {
      const one = element(text);
      assert.equal(isForSession(bound, one), is);
      if (!is) return;
      const stepped = step(bound, { type: 'element', element: one }, world);
      assert.deepEqual(stepped, { state: bound, actions: [{ do: 'stanza', element: one }] });
    });
  }
  it('nothing does before the bind', () => {
    const one = element('<presence/>');
    for (const state of [initialState(true), { is: 'binding', account: jesse }, { is: 'closed' }] as const)
      assert.equal(isForSession(state, one), false);
  });
});
