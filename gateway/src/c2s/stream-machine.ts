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
import type { StaffId, TenantId } from '../helpdesk/model.ts';
import { decodeBase64 } from '../sasl/base64.ts';
import { type SaslCondition, SaslFailure, failureElement, SASL } from '../sasl/failure.ts';
import { type Credentials, isOwnAddress, readCredentials } from '../sasl/plain.ts';
import { type XmlElement, xml } from '../xmpp/element.ts';
import { parseJid } from '../xmpp/jid.ts';
import type { StanzaCondition, StanzaErrorType } from '../xmpp/stanza-error.ts';
import { StreamError } from '../xmpp/stream-error.ts';
import { bindRequest, bindRefusal, bindResult } from './bind.ts';
import { type HeaderAttributes, readHeader, unknownHost } from './stream-header.ts';
import { isStanza, readManagement, SM, smFailed } from './stream-management.ts';

/** Failed attempts after which a stream is closed. [RFC6120 §6.4.5] */
export const SASL_ATTEMPTS = 3;
const TLS = 'urn:ietf:params:xml:ns:xmpp-tls';
const COMPRESS = 'http://jabber.org/protocol/compress';
const STREAMS = 'http://etherx.jabber.org/streams';

/** Who has logged in on a stream. */
export interface Account {
  readonly tenant: TenantId;
  readonly domain: string;
  readonly usernameDomain?: string | undefined;
  readonly staff: StaffId;
  readonly username: string;
  readonly bareJid: string;
}

/** What the machine looks up; each answers at once. */
export interface StreamWorld {
  /** The gateway's own host name: speaks where no tenant can. */
  readonly hostName: string;
  /** The tenant of a canonical domain, if this connection may have it. */
  realm(domain: string): { readonly domain: string; readonly usernameDomain?: string | undefined } | undefined;
  /** Features after the login, beside `bind` and `sm`. */
  featuresOf(account: Account): readonly XmlElement[];
  /** XEP-0478, before and after the login. */
  readonly maxBytes: { readonly before: number; readonly after: number };
}

interface Realm {
  readonly domain: string;
  readonly usernameDomain?: string | undefined;
}

export type StreamState =
  | { readonly is: 'opening'; readonly secured: boolean; readonly tries: number }
  | { readonly is: 'insecure'; readonly realm: Realm; readonly tries: number }
  | { readonly is: 'securing' }
  | {
      readonly is: 'authenticating';
      readonly realm: Realm;
      /** Of the app's header: a claim. */
      readonly from: string | undefined;
      readonly tries: number;
      readonly challenged: boolean;
    }
  | {
      readonly is: 'verifying';
      readonly realm: Realm;
      readonly from: string | undefined;
      readonly tries: number;
      readonly username: string;
    }
  | { readonly is: 'reopening'; readonly account: Account }
  | { readonly is: 'binding'; readonly account: Account }
  | { readonly is: 'claiming'; readonly account: Account; readonly iq: string | undefined }
  | { readonly is: 'bound'; readonly account: Account; readonly by: 'bind' | 'resume'; readonly managed: boolean }
  | { readonly is: 'closed' };

export type StreamEvent =
  | { readonly type: 'header'; readonly attributes: HeaderAttributes }
  | { readonly type: 'element'; readonly element: XmlElement }
  | { readonly type: 'end' }
  | { readonly type: 'secured' }
  | { readonly type: 'verified'; readonly account: Account }
  | { readonly type: 'refused' }
  /** neither yes nor no, for as long as we hold a login */
  | { readonly type: 'undecided'; readonly why: 'unavailable' | 'throttled' | 'crowded' }
  | { readonly type: 'bound'; readonly fullJid: string }
  | { readonly type: 'resumed' }
  | { readonly type: 'not-resumed'; readonly handled: number | undefined }
  | {
      readonly type: 'not-bound';
      readonly condition: StanzaCondition;
      readonly kind: StanzaErrorType;
      readonly specific?: XmlElement;
    }
  /** the parser, the layer above or an administrator ends the stream; `logout`: and the session with it */
  | { readonly type: 'fault'; readonly error: StreamError; readonly logout?: boolean }
  /** the same without an error */
  | { readonly type: 'leave' };

export type StreamAction =
  | { readonly do: 'open'; readonly from: string; readonly to?: string }
  | { readonly do: 'send'; readonly element: XmlElement }
  /** all that came is dropped, the handshake begins */
  | { readonly do: 'start-tls'; readonly domain: string }
  /** the app opens a new stream on the same connection */
  | { readonly do: 'restart' }
  /** nothing more is parsed until the answer is there */
  | { readonly do: 'verify'; readonly credentials: Credentials; readonly realm: Realm }
  | { readonly do: 'bind'; readonly account: Account; readonly resource?: string }
  | { readonly do: 'resume'; readonly account: Account; readonly id: string; readonly h: number }
  | { readonly do: 'enable'; readonly resumable: boolean }
  | { readonly do: 'acknowledged'; readonly h: number }
  | { readonly do: 'acknowledge' }
  | { readonly do: 'stanza'; readonly element: XmlElement }
  /** a stanza came that is answered here: it counts like any other */
  | { readonly do: 'answer'; readonly element: XmlElement }
  | { readonly do: 'nonza'; readonly element: XmlElement }
  /** `logout`: the app has ended its session; otherwise a session on this stream can be resumed */
  | { readonly do: 'close'; readonly error?: StreamError; readonly logout: boolean };

export interface Step {
  readonly state: StreamState;
  readonly actions: readonly StreamAction[];
}

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
      return stay({ is: 'binding', account: state.account }, send(smFailed('item-not-found', event.handled)));
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
    const features = xml('stream:features', {}, xml('starttls', TLS, xml('required')));
    return stay({ is: 'insecure', realm, tries: state.tries }, open(realm.domain), send(features));
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

const limits = (bytes: number): XmlElement =>
  xml('limits', 'urn:xmpp:stream-limits:0', xml('max-bytes', {}, String(bytes)));

/** The list is the same for everybody and at all times: apps remember what they used. */
function loginFeatures(world: StreamWorld): XmlElement {
  return xml(
    'stream:features',
    {},
    xml('mechanisms', SASL, xml('mechanism', {}, 'PLAIN')),
    limits(world.maxBytes.before),
  );
}

/** COMPAT(libpurple, it looks for `bind` before anything else) */
function boundFeatures(account: Account, world: StreamWorld): XmlElement {
  return xml(
    'stream:features',
    {},
    xml('bind', 'urn:ietf:params:xml:ns:xmpp-bind'),
    xml('sm', SM),
    ...world.featuresOf(account),
    limits(world.maxBytes.after),
  );
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
