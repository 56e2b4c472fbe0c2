/**
 * The stream as a machine: states × events → the next state and what to do, as data. [RFC6120 §4–§7, XEP-0198]
 *
 * ```
 *            header            <starttls/>            header             <auth/>
 *   opening ───────▶ insecure ────────────▶ securing ─secured─▶ opening ──────▶ authenticating ◀──refused── verifying
 *                                                                                    └───────────────────────▶  │
 *   bound ◀── bound, resumed ── claiming ◀── bind, resume ── binding ◀── header ── reopening ◀── verified ───────┘
 * ```
 */
import { decodeBase64 } from '../sasl/base64.ts';
import { failureElement, SASL, type SaslCondition, SaslFailure } from '../sasl/failure.ts';
import { isOwnAddress, readCredentials } from '../sasl/plain.ts';
import { type XmlElement, xml } from '../xmpp/element.ts';
import { parseJid } from '../xmpp/jid.ts';
import { StreamError } from '../xmpp/stream-error.ts';
import { bindRefusal, bindRequest, bindResult } from './bind.ts';
import { boundFeatures, loginFeatures, TLS, tlsFeatures } from './stream-features.ts';
import { type HeaderAttributes, readHeader, unknownHost } from './stream-header.ts';
import { isStanza, readManagement, SM, smFailed } from './stream-management.ts';
import type { Account, Step, StreamAction, StreamEvent, StreamState, StreamWorld } from './stream-state.ts';

/** Failed attempts after which a stream is closed. [RFC6120 §6.4.5] */
export const SASL_ATTEMPTS = 3;
const COMPRESS = 'http://jabber.org/protocol/compress';
const STREAMS = 'http://etherx.jabber.org/streams';

const closed: StreamState = { is: 'closed' };
const send = (element: XmlElement): StreamAction => ({ do: 'send', element });
const stay = (state: StreamState, ...actions: StreamAction[]): Step => ({ state, actions });
const end = (error?: StreamError): Step => stay(closed, { do: 'close', logout: false, ...(error && { error }) });

export function initialState(secured: boolean): StreamState {
  return { is: 'opening', secured, tries: 0 };
}

export function step(state: StreamState, event: StreamEvent, world: StreamWorld): Step {
  if (state.is === 'closed') return stay(state);
  switch (event.type) {
    case 'header':
      return onHeader(state, event.attributes, world);
    case 'element':
      return onElement(state, event.element, world);
    case 'end':
      return stay(closed, { do: 'close', logout: state.is === 'bound' });
    case 'secured':
      return stay(initialState(true));
    case 'verified':
      return onVerified(state, event.account);
    case 'refused':
      return state.is === 'verifying' ? refuse(state, 'not-authorized') : stay(state);
    case 'undecided':
      return end(undecided(event.why));
    case 'bound':
      if (state.is !== 'claiming') return stay(state);
      return stay(
        { is: 'bound', account: state.account, by: 'bind', managed: false },
        send(bindResult(state.iq, event.fullJid)),
      );
    case 'not-bound':
      if (state.is !== 'claiming') return stay(state);
      return stay(
        { is: 'binding', account: state.account },
        send(bindRefusal(state.iq, event.kind, event.condition, event.specific)),
      );
    case 'resumed':
      if (state.is !== 'claiming') return stay(state);
      return stay({ is: 'bound', account: state.account, by: 'resume', managed: true });
    case 'not-resumed':
      if (state.is !== 'claiming') return stay(state);
      return stay({ is: 'binding', account: state.account }, send(smFailed(event.condition, event.handled)));
    case 'fault':
      return fault(state, event.error, world, event.logout);
    case 'leave':
      return stay(closed, { do: 'close', logout: true });
  }
}

/** Our header comes before any error. [RFC6120 §4.9.1.2] */
function fault(state: StreamState, error: StreamError, world: StreamWorld, logout = false): Step {
  const close: StreamAction = { do: 'close', error, logout };
  if (state.is === 'securing') return end();
  if (state.is === 'opening') return stay(closed, { do: 'open', from: world.hostName }, close);
  if (state.is === 'reopening') return stay(closed, { do: 'open', from: state.account.domain }, close);
  return stay(closed, close);
}

function undecided(why: 'unavailable' | 'throttled' | 'crowded'): StreamError {
  switch (why) {
    case 'unavailable':
      return new StreamError('internal-server-error', 'The helpdesk does not answer. Please try again.');
    case 'throttled':
      return new StreamError('resource-constraint', 'Too many attempts to log in. Please wait a little.');
    case 'crowded':
      return new StreamError('resource-constraint', 'Too many connections. Please try again.');
  }
}

function onHeader(state: StreamState, attributes: HeaderAttributes, world: StreamWorld): Step {
  if (state.is !== 'opening' && state.is !== 'reopening') return end(new StreamError('invalid-xml'));
  const read = readHeader(attributes);
  const claimed = attributes['from'];
  const asJid = claimed === undefined ? undefined : parseJid(claimed);
  const open = (from: string): StreamAction =>
    asJid === undefined || asJid.local === '' ? { do: 'open', from } : { do: 'open', from, to: asJid.bare };
  if (read instanceof StreamError) return stay(closed, open(world.hostName), ...end(read).actions);
  if (state.is === 'reopening') {
    const { account } = state;
    const wrong = wrongRestart(account, read.to, claimed);
    if (wrong !== undefined) return stay(closed, open(account.domain), ...end(wrong).actions);
    return stay({ is: 'binding', account }, open(account.domain), send(boundFeatures(account, world)));
  }
  const realm = world.realm(read.to);
  if (realm === undefined) return stay(closed, open(world.hostName), ...end(unknownHost()).actions);
  if (!state.secured) {
    return stay({ is: 'insecure', realm, tries: state.tries }, open(realm.domain), send(tlsFeatures()));
  }
  return stay(
    { is: 'authenticating', realm, from: claimed, tries: state.tries, challenged: false },
    open(realm.domain),
    send(loginFeatures(world)),
  );
}

/** After the login a header belongs to who has logged in. */
function wrongRestart(account: Account, to: string, from: string | undefined): StreamError | undefined {
  if (to !== account.domain) return new StreamError('not-authorized');
  return from !== undefined && !isAccount(account, from) ? new StreamError('invalid-from') : undefined;
}

function isAccount(account: Account, address: string): boolean {
  return parseJid(address)?.bare === account.bareJid || isOwnAddress(address, account.username, account);
}

function onElement(state: StreamState, element: XmlElement, world: StreamWorld): Step {
  if (state.is === 'bound') return onBound(state, element);
  if (element.getNS() === STREAMS && element.getName() === 'error') return end();
  switch (state.is) {
    case 'insecure':
      return onInsecure(state, element);
    case 'authenticating':
      return onAuthenticating(state, element);
    case 'binding':
      return onBinding(state, element);
    case 'opening':
    case 'reopening':
    case 'securing':
    case 'verifying':
    case 'claiming':
    case 'closed':
      // the connection gives nothing in these states
      return fault(state, new StreamError('not-authorized'), world);
  }
}

const tooEarly = (element: XmlElement): Step =>
  end(new StreamError(isStanza(element) ? 'not-authorized' : 'unsupported-stanza-type'));

function onInsecure(state: StreamState & { is: 'insecure' }, element: XmlElement): Step {
  const namespace = element.getNS();
  if (namespace === TLS && element.getName() === 'starttls')
    return stay({ is: 'securing' }, send(xml('proceed', TLS)), { do: 'start-tls', domain: state.realm.domain });
  if (namespace === SASL) return failed(state, 'encryption-required');
  if (namespace === COMPRESS) return stay(state, send(noCompression()));
  return tooEarly(element);
}

/** Compression of a stream tells of its secrets, and no app needs it. [RFC7590 §3.3] */
const noCompression = (): XmlElement => xml('failure', COMPRESS, xml('unsupported-method'));

function onAuthenticating(state: StreamState & { is: 'authenticating' }, element: XmlElement): Step {
  const namespace = element.getNS();
  if (namespace === SASL) return onSasl(state, element);
  if (namespace === TLS) return stay(closed, send(xml('failure', TLS)), { do: 'close', logout: false });
  if (namespace === COMPRESS) return stay(state, send(noCompression()));
  if (namespace === SM) return stay(state, send(smFailed('unexpected-request')));
  return tooEarly(element);
}

function onSasl(state: StreamState & { is: 'authenticating' }, element: XmlElement): Step {
  const name = element.getName();
  if (name === 'abort') return failed({ ...state, challenged: false }, 'aborted');
  const isAnswer = name === 'response' && state.challenged;
  if (name !== 'auth' && !isAnswer) return failed({ ...state, challenged: false }, 'malformed-request');
  if (name === 'auth' && element.attrs['mechanism'] !== 'PLAIN')
    return failed({ ...state, challenged: false }, 'invalid-mechanism');
  try {
    const message = decodeBase64(element.text());
    if (message === undefined && !isAnswer) return stay({ ...state, challenged: true }, send(xml('challenge', SASL)));
    const credentials = readCredentials(message ?? Buffer.alloc(0), state.realm);
    const { realm, from, tries } = state;
    return stay(
      { is: 'verifying', realm, from, tries, username: credentials.username },
      { do: 'verify', credentials, realm },
    );
  } catch (cause) {
    if (!(cause instanceof SaslFailure)) throw cause;
    return failed({ ...state, challenged: false }, cause.condition);
  }
}

type Attempting = StreamState & { is: 'insecure' | 'authenticating' };

function failed(state: Attempting, condition: SaslCondition): Step {
  const tries = state.tries + 1;
  const failure = send(failureElement(condition));
  if (tries < SASL_ATTEMPTS) return stay({ ...state, tries }, failure);
  const error = new StreamError('policy-violation', 'Too many failed attempts to log in.');
  return stay(closed, failure, ...end(error).actions);
}

function refuse(state: StreamState & { is: 'verifying' }, condition: SaslCondition): Step {
  const { realm, from, tries } = state;
  return failed({ is: 'authenticating', realm, from, tries, challenged: false }, condition);
}

function onVerified(state: StreamState, account: Account): Step {
  if (state.is !== 'verifying') return stay(state);
  if (
    state.from !== undefined &&
    !isAccount(account, state.from) &&
    !isOwnAddress(state.from, state.username, state.realm)
  )
    return end(new StreamError('invalid-from'));
  return stay({ is: 'reopening', account }, send(xml('success', SASL)), { do: 'restart' });
}

function onBinding(state: StreamState & { is: 'binding' }, element: XmlElement): Step {
  const { account } = state;
  if (element.getNS() === SM) {
    const read = readManagement(element);
    if (read.is === 'resume')
      return stay({ is: 'claiming', account, iq: undefined }, { do: 'resume', account, id: read.id, h: read.h });
    if (read.is === 'bad-resume') return stay(state, send(smFailed('bad-request')));
    return stay(state, send(smFailed('unexpected-request')));
  }
  if (element.getNS() === SASL || element.getNS() === TLS) return end(new StreamError('policy-violation'));
  if (element.getNS() === COMPRESS) return stay(state, send(noCompression()));
  const request = bindRequest(element, account);
  if (request === undefined) return tooEarly(element);
  if (request.is === 'bad') return stay(state, send(bindRefusal(request.iq, 'modify', 'bad-request')));
  return stay(
    { is: 'claiming', account, iq: request.iq },
    { do: 'bind', account, ...(request.resource === undefined ? {} : { resource: request.resource }) },
  );
}

/**
 * Whether all that {@link step} does with this element is to give it to the session: messages and presence on a bound
 * stream. A stream has hardly anything else.
 */
export function isForSession(state: StreamState, element: XmlElement): boolean {
  return state.is === 'bound' && element.name !== 'iq' && isStanza(element);
}

function onBound(state: StreamState & { is: 'bound' }, element: XmlElement): Step {
  if (isStanza(element)) {
    const again = bindRequest(element, state.account);
    if (again === undefined) return stay(state, { do: 'stanza', element });
    const condition = state.by === 'bind' ? 'not-allowed' : 'unexpected-request';
    return stay(state, { do: 'answer', element: bindRefusal(again.iq, 'cancel', condition) });
  }
  const namespace = element.getNS();
  if (namespace === SM) return onManagement(state, element);
  if (namespace === SASL || namespace === TLS) return end(new StreamError('policy-violation'));
  if (namespace === STREAMS && element.getName() === 'error') return end();
  return stay(state, { do: 'nonza', element });
}

function onManagement(state: StreamState & { is: 'bound' }, element: XmlElement): Step {
  const read = readManagement(element);
  switch (read.is) {
    case 'enable':
      if (state.managed) return end(new StreamError('policy-violation', 'Stream management is enabled already.'));
      return stay({ ...state, managed: true }, { do: 'enable', resumable: read.resumable });
    case 'request':
      return state.managed ? stay(state, { do: 'acknowledge' }) : stay(state, send(smFailed('unexpected-request')));
    case 'answer':
      return state.managed
        ? stay(state, { do: 'acknowledged', h: read.h })
        : stay(state, send(smFailed('unexpected-request')));
    case 'bad-answer':
      return end(new StreamError('bad-format', 'The count of an acknowledgement is not a number.'));
    case 'resume':
    case 'bad-resume':
      return stay(state, send(smFailed('unexpected-request')));
    case 'unknown':
      return end(new StreamError('unsupported-stanza-type'));
  }
}
