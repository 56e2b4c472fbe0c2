import type { Duplex } from 'node:stream';
import type { Tenant } from '../config/tenants.ts';
import type { XmlElement } from '../xmpp/element.ts';
import { MAX_STANZA_BYTES, POST_AUTH_LIMITS, PRE_AUTH_LIMITS } from '../xmpp/limits.ts';
import { serialize } from '../xmpp/serialize.ts';
import { StreamError } from '../xmpp/stream-error.ts';
import { type ParserHandler, type StreamHeader, StreamParser } from '../xmpp/stream-parser.ts';
import type { ConnectionInfo, ConnectionServices } from './connection-services.ts';
import type { Due } from './deadlines.ts';
import { CLOSING_TIME, HANDSHAKE_TIME, NEGOTIATION_TIME, SILENCE } from './limits.ts';
import { type Applicant, authenticate, bind, resume } from './negotiation.ts';
import { own, type StreamOwner } from './owner.ts';
import { Paced } from './paced.ts';
import { type Reader, Reading } from './reading.ts';
import { headerText } from './stream-header.ts';
import { initialState, isForSession, step } from './stream-machine.ts';
import type { Account, StreamAction, StreamEvent, StreamState, StreamWorld } from './stream-state.ts';
import type { StreamSession } from './stream-session.ts';
import type { Handshake } from './tls-contexts.ts';
import { secure } from './tls-upgrade.ts';
import type { DropReason } from './wire.ts';

const MAX_BYTES = { before: PRE_AUTH_LIMITS.elementBytes, after: MAX_STANZA_BYTES };

/** Carries out what the stream machine decides, on any duplex stream. */
export class Connection implements Applicant, Due, ParserHandler, Reader, StreamOwner, StreamWorld {
  readonly address: string;
  since = 0;
  slot: number | undefined;
  readonly maxBytes = MAX_BYTES;
  readonly #services: ConnectionServices;
  readonly #begun: number;
  readonly #reading: Reading;
  /** Below TLS. A socket counts what it has read. */
  readonly #below: Duplex & { readonly bytesRead?: number };
  #duplex: Duplex;
  /** Over TLS. */
  #paced: Paced | undefined;
  #parser: StreamParser;
  #state: StreamState;
  #handshake: Handshake | undefined;
  #session: StreamSession | undefined;
  #tenantPlace: string | undefined;
  /** Goes out when all that one event asked for is carried out. */
  #text = '';
  #performing = 0;
  #elements = 0;
  /** When the socket is closed at the latest, once the stream has ended. */
  #closing: number | undefined;
  #isGone = false;

  constructor(services: ConnectionServices, duplex: Duplex, info: ConnectionInfo, address: string) {
    this.#services = services;
    this.address = address;
    this.#begun = Math.floor(services.clock.monotonic());
    this.#reading = new Reading(services.clock, this);
    this.#duplex = duplex;
    this.#below = duplex;
    this.#state = initialState(info.transport === 'secured');
    this.#parser = new StreamParser(this, PRE_AUTH_LIMITS);
    if (info.transport === 'secured') this.#handshake = { serverName: info.serverName };
  }

  start({ transport }: ConnectionInfo): void {
    own(this.#duplex, this);
    this.#services.deadlines.set(this, this.#begun + NEGOTIATION_TIME);
    if (transport === 'direct-tls') this.#secure(undefined);
    else this.#reading.listen(this.#duplex);
  }

  get session(): StreamSession | undefined {
    return this.#session;
  }

  /** Who has logged in, bound or not. */
  get account(): Account | undefined {
    return 'account' in this.#state ? this.#state.account : undefined;
  }

  // For its session

  write(text: string): void {
    if (text !== '' && this.isWaiting) (this.#paced ?? this.#duplex).write(text);
  }

  get waiting(): number {
    return this.#paced?.waiting ?? this.#duplex.writableLength;
  }

  setReading(on: boolean): void {
    if (on) this.#reading.goOn('session');
    else this.#reading.halt('session');
  }

  hearsWithin(ms: number): Promise<boolean> {
    return this.isWaiting ? this.#reading.hearsWithin(ms) : Promise.resolve(false);
  }

  close(error: StreamError | undefined, logout: boolean): void {
    this.dispatch(error === undefined ? { type: 'leave' } : { type: 'fault', error, logout });
  }

  drop(reason: DropReason): void {
    if (reason !== 'superseded') this.#services.stats.dropped[reason]++;
    this.gone();
  }

  /** Closes without a stream error or end, once all is written: the app resumes elsewhere. */
  release(): void {
    if (!this.isWaiting) return;
    const session = this.#session;
    const last = (): void => {
      this.#finish('');
      session?.lost(this);
    };
    if (session === undefined) last();
    else session.afterAll(last);
  }

  /** Closes now, written or not. */
  abandon(): void {
    this.gone();
  }

  // While it waits for an answer

  get isWaiting(): boolean {
    return !this.#isGone && this.#closing === undefined;
  }

  tookPlace(tenant: string): void {
    this.#tenantPlace = tenant;
  }

  took(session: StreamSession): void {
    this.#session = session;
    if (!this.isWaiting) {
      session.lost(this);
      return;
    }
    this.#services.deadlines.set(this, this.#services.clock.monotonic() + SILENCE);
    this.#parse(() => {
      this.#reading.goOn('hold');
      this.#parser.release();
    });
  }

  #soon(work: Promise<StreamEvent | undefined>): void {
    this.#reading.halt('hold');
    work.then(
      (event) => {
        if (event !== undefined) this.#answered(event);
      },
      (cause: unknown) => {
        this.#report(cause);
        this.#answered({ type: 'fault', error: new StreamError('internal-server-error') });
      },
    );
  }

  #answered(event: StreamEvent): void {
    if (!this.isWaiting) return;
    this.#parse(() => {
      this.dispatch(event);
      // after a login the parser has begun again by itself
      if (event.type === 'verified') return;
      this.#reading.goOn('hold');
      this.#parser.release();
    });
  }

  // For the stream machine

  get hostName(): string {
    return this.#services.hostName;
  }

  realm(domain: string): Pick<Account, 'domain' | 'usernameDomain'> | undefined {
    const tenant = this.#services.tenant(domain);
    if (tenant === undefined) return undefined;
    const { contexts } = this.#services;
    if (this.#handshake !== undefined && contexts?.allows(this.#handshake, domain) === false) return undefined;
    return { domain: tenant.domain, usernameDomain: tenant.config.usernameDomain };
  }

  featuresOf(account: Account): readonly XmlElement[] {
    const tenant: Tenant | undefined = this.#services.tenant(account.domain);
    return tenant === undefined ? [] : this.#services.layer.streamFeatures(tenant);
  }

  dispatch(event: StreamEvent, bytes = 0): void {
    const { state, actions } = step(this.#state, event, this);
    this.#state = state;
    this.#performing++;
    try {
      for (const action of actions) this.#perform(action, bytes);
    } catch (cause) {
      this.#fault(cause);
    } finally {
      this.#performing--;
    }
    if (this.#performing > 0 || this.#text === '') return;
    const text = this.#text;
    this.#text = '';
    this.write(text);
  }

  #perform(action: StreamAction, bytes: number): void {
    const session = this.#session;
    switch (action.do) {
      case 'open':
        this.#text += headerText({ id: this.#services.token(16), ...action });
        break;
      case 'send':
        if (session === undefined || !this.isWaiting) this.#text += serialize(action.element);
        else session.sendNonza(action.element);
        break;
      case 'start-tls':
        this.#startTls(action.domain);
        break;
      case 'restart':
        this.#reading.goOn('hold');
        this.#parser.restart(POST_AUTH_LIMITS);
        break;
      case 'verify':
        this.#soon(authenticate(this.#services, this, action.credentials, action.realm.domain));
        break;
      case 'bind':
        this.#soon(bind(this.#services, this, action.account, action.resource));
        break;
      case 'resume':
        this.#soon(resume(this.#services, this, action.account, action));
        break;
      case 'enable':
        session?.enable(action.resumable);
        break;
      case 'acknowledge':
        session?.acknowledge();
        break;
      case 'acknowledged':
        session?.acknowledgedTo(action.h);
        break;
      case 'stanza':
        session?.stanza(action.element, bytes);
        break;
      case 'answer':
        session?.answer(action.element, bytes);
        break;
      case 'nonza':
        session?.nonza(action.element);
        break;
      case 'close':
        this.#close(action.error, action.logout);
        break;
    }
  }

  /** What was answered before goes out before the end. [RFC6120 §4.4] */
  #close(error: StreamError | undefined, logout: boolean): void {
    this.#parser.stop();
    if (error !== undefined) {
      const { streamErrors } = this.#services.stats;
      streamErrors[error.condition] = (streamErrors[error.condition] ?? 0) + 1;
      const { condition } = error;
      this.#services.log.debug({ tenant: this.#tenantPlace, condition }, 'a stream ended with an error');
    }
    const session = this.#session;
    const early = this.#text;
    this.#text = '';
    const last = (): void => {
      const ack = logout && session !== undefined ? session.farewell() : '';
      this.#finish(`${early}${ack}${error === undefined ? '' : serialize(error.toElement())}</stream:stream>`);
      if (logout) session?.logout(this);
      else session?.lost(this);
    };
    if (session === undefined) last();
    else session.afterAll(last);
  }

  /** The last words; then the app has a little time to close its side. */
  #finish(text: string): void {
    this.#parser.stop();
    if (this.#closing !== undefined) return;
    this.#closing = this.#services.clock.monotonic() + CLOSING_TIME;
    this.#reading.end();
    if (this.#isGone) return;
    this.#services.deadlines.set(this, this.#closing);
    (this.#paced ?? this.#duplex).end(text);
  }

  #fault(cause: unknown): void {
    if (!(cause instanceof StreamError)) this.#report(cause);
    const error = cause instanceof StreamError ? cause : new StreamError('internal-server-error');
    this.dispatch({ type: 'fault', error });
  }

  // For the parser

  header({ attrs }: StreamHeader): void {
    this.#elements++;
    this.dispatch({ type: 'header', attributes: attrs });
  }

  element(element: XmlElement, bytes: number): void | 'hold' {
    this.#elements++;
    if (isForSession(this.#state, element)) {
      this.#give(element, bytes);
      return undefined;
    }
    this.dispatch({ type: 'element', element }, bytes);
    return this.#state.is === 'verifying' || this.#state.is === 'claiming' ? 'hold' : undefined;
  }

  #give(element: XmlElement, bytes: number): void {
    try {
      this.#session?.stanza(element, bytes);
    } catch (cause) {
      this.#fault(cause);
    }
  }

  end(): void {
    this.dispatch({ type: 'end' });
  }

  #parse(run: () => void): void {
    try {
      run();
    } catch (cause) {
      this.#fault(cause);
    }
  }

  // For what is read

  heard(chunk: Uint8Array): void {
    this.#reading.heard(chunk);
  }

  read(chunk: Uint8Array): boolean {
    if (!this.isWaiting) return true;
    const elements = this.#elements;
    this.#parse(() => {
      this.#parser.write(chunk);
    });
    return this.#elements > elements;
  }

  rest(ms: number): void {
    if (!this.isWaiting) return;
    const { account } = this;
    if (account !== undefined && this.#services.tenant(account.domain)?.config.lab) return;
    this.#reading.halt('rate');
    this.#services.deadlines.set(this, this.#services.clock.monotonic() + ms);
  }

  /** Half closed is closed, unless we are closing ourselves. */
  ended(): void {
    if (this.#closing === undefined) this.gone();
  }

  // Time

  due(now: number): void {
    if (this.#isGone) return;
    if (this.#closing !== undefined) {
      if (now >= this.#closing) this.gone();
      else this.#services.deadlines.set(this, this.#closing);
      return;
    }
    this.#reading.goOn('rate');
    const next = this.#state.is === 'bound' ? this.#watch(now) : this.#negotiate(now);
    if (next !== undefined && this.isWaiting) this.#services.deadlines.set(this, next);
  }

  #negotiate(now: number): number | undefined {
    const end = this.#begun + NEGOTIATION_TIME;
    if (this.#state.is === 'securing') this.gone();
    else if (now < end) return end;
    else this.close(new StreamError('connection-timeout'), false);
    return undefined;
  }

  #watch(now: number): number | undefined {
    if (this.#reading.isTlsFlooded(this.#below.bytesRead ?? 0)) {
      this.close(new StreamError('policy-violation'), false);
      return undefined;
    }
    const liveness = this.#reading.liveness(now);
    switch (liveness.is) {
      case 'well':
        return liveness.until;
      case 'to-be-asked':
        this.#session?.ask();
        return liveness.until;
      case 'stuck':
        this.close(new StreamError('connection-timeout'), false);
        return undefined;
      case 'dead':
        this.drop('silent');
        return undefined;
    }
  }

  // TLS

  /** What came behind `<starttls/>` in the clear is dropped: it must not run as if it had been secured. */
  #startTls(domain: string): void {
    this.#parser.stop();
    this.#reading.leave();
    const text = this.#text;
    this.#text = '';
    this.write(text);
    this.#secure(domain);
  }

  #secure(streamTo: string | undefined): void {
    const { contexts, deadlines, clock, handshakes } = this.#services;
    this.#state = { is: 'securing' };
    deadlines.set(this, clock.monotonic() + HANDSHAKE_TIME);
    secure(this.#duplex, {
      contexts,
      handshakes,
      streamTo,
      owner: this,
      begun: (socket) => {
        this.#duplex = socket;
      },
      failed: (cause) => {
        this.#report(cause);
        this.gone();
      },
      secured: (socket, handshake) => {
        if (!this.isWaiting) return;
        this.#handshake = handshake;
        this.#paced = new Paced(socket);
        this.#parser = new StreamParser(this, PRE_AUTH_LIMITS);
        this.dispatch({ type: 'secured' });
        this.#reading.listen(socket);
        deadlines.set(this, this.#begun + NEGOTIATION_TIME);
      },
    });
  }

  // The end

  gone(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#duplex.destroy();
    this.#parser.stop();
    this.#state = { is: 'closed' };
    const { deadlines, limits, closed } = this.#services;
    deadlines.clear(this);
    this.#reading.end();
    limits.leaveAddress(this.address);
    if (this.#tenantPlace !== undefined) limits.tenants.leave(this.#tenantPlace);
    this.#session?.lost(this);
    closed(this);
  }

  #report(cause: unknown): void {
    this.#services.stats.handlerFailures++;
    this.#services.log.error({ err: cause }, 'a connection failed');
  }
}
