import { hash } from 'node:crypto';
import type { Clock, Logger } from '@chat-gateway/runtime';
import type { Act, DeskSignal, InboxEntry, Item, SessionId } from '../bus/messages.ts';
import type { Soon } from '../bus/soon.ts';
import { type Bus, type OutboxEntry, type SessionHandle, type SessionRecord, SupersededError } from '../bus/port.ts';
import type { Tenant } from '../config/tenants.ts';
import type { StaffId } from '../helpdesk/model.ts';
import type { XmlElement } from '../xmpp/element.ts';
import { serialize } from '../xmpp/serialize.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import { StreamError } from '../xmpp/stream-error.ts';
import { ActQueue } from './act-queue.ts';
import type { Flushable } from './flusher.ts';
import { InboundLedger, type LedgerOwner } from './inbound-ledger.ts';
import { SessionMemory } from './memory.ts';
import { PROBE_TIME, RESUME_WINDOW, UNSTORED_BYTES, UNSTORED_STANZAS } from './limits.ts';
import { type Sender, Sending, type SendingServices } from './sending.ts';
import type { Inbound, Session, SessionLayer } from './session.ts';
import { checkStanza, errorFor } from './stanza-check.ts';
import { isUpTo, smAnswer } from './stream-management.ts';
import type { Wire } from './wire.ts';

export interface SessionServices extends SendingServices {
  readonly bus: Bus;
  readonly layer: SessionLayer;
  readonly clock: Clock;
  readonly log: Logger;
  /** By canonical domain. */
  readonly tenant: (domain: string) => Tenant | undefined;
  /** The edge knows of this session until it is over. */
  readonly keep: (session: StreamSession) => void;
  readonly over: (session: StreamSession) => void;
}

/** How many acts a stanza has caused: one map for all sessions. */
const actsOf = new WeakMap<Inbound, number>();

/** A bound stream over one connection after another. */
export class StreamSession implements Session, Sender, Flushable, LedgerOwner {
  readonly id: SessionId;
  readonly staff: StaffId;
  readonly bareJid: string;
  readonly resource: string;
  readonly fullJid: string;
  readonly memory = new SessionMemory();
  /** Another connection of this edge is about to take this session. */
  isAdopted = false;
  isScheduled = false;
  readonly #services: SessionServices;
  readonly #acts: ActQueue;
  #publicId: string | undefined;
  readonly #sending: Sending;
  #tenant: Tenant;
  #handle: SessionHandle;
  #wire: Wire | undefined;
  #ledger: InboundLedger;
  #isDetached = false;
  #isOver = false;
  /** Something was kept since the count was noted last: a stream that ends without a word must know of it. */
  #countMatters = false;
  #actNumber = 0;

  constructor(services: SessionServices, handle: SessionHandle, tenant: Tenant) {
    this.#services = services;
    this.#handle = handle;
    this.#tenant = tenant;
    this.#acts = new ActQueue(services.bus, services.clock);
    this.#sending = new Sending(services, this, handle);
    const { id, staff, bareJid, resource } = handle.record;
    this.id = id;
    this.staff = staff;
    this.bareJid = bareJid;
    this.resource = resource;
    this.fullJid = `${bareJid}/${resource}`;
    this.#ledger = new InboundLedger(0, this);
  }

  /** As it is configured now, or was last. */
  get tenant(): Tenant {
    this.#tenant = this.#services.tenant(this.#tenant.domain) ?? this.#tenant;
    return this.#tenant;
  }

  get publicId(): string {
    return (this.#publicId ??= hash('sha256', this.id, 'base64url').slice(0, 16));
  }

  get record(): SessionRecord {
    return this.#handle.record;
  }

  /** The highest `h` that the app has told here. */
  get acknowledged(): number {
    return this.#sending.acknowledged;
  }

  // For the layer above

  send(element: XmlElement, keep?: 'keep'): void {
    if (!this.#isOver) this.#sending.send(element, keep === 'keep');
  }

  put(act: Act, of?: Inbound): Promise<void> {
    // what is no line can be put again
    if (act.type === 'message') this.#countMatters = true;
    return this.#acts.put(this.#entry(act, of));
  }

  signal(signal: DeskSignal): void {
    this.#services.bus.signal(this.#handle.record.tenant, signal);
  }

  countMatters(): void {
    this.#countMatters = true;
  }

  underWay(): ReadonlySet<string> {
    const proofs = this.#handle
      .pending()
      .flatMap(({ item }) => (item.kind === 'message' && item.proof !== undefined ? [item.proof] : []));
    return new Set(proofs);
  }

  note(change: Parameters<Session['note']>[0]): void {
    this.#forgetful(this.#handle.note(change));
  }

  close(error?: StreamError): void {
    if (this.#wire !== undefined) this.#wire.close(error, error === undefined);
    else if (error === undefined) this.logout();
  }

  // For its connection

  /** The first connection: the desk hears of the session. */
  opened(wire: Wire, replaces: SessionId | undefined): void {
    this.#attach(wire);
    this.#sending.attach(wire);
    const { id: session, staff, resource } = this;
    const act = { type: 'session-opened', session, staff, resource } as const;
    this.#tell('opened', replaces === undefined ? act : { ...act, replaces });
  }

  /** Another connection. `h`: what the app has got. */
  resumed(wire: Wire, handle: SessionHandle, h: number): void {
    const { handled, epoch } = handle.record;
    // this edge may know of more than was noted
    if (this.#sending.isManaged && isUpTo(handled, this.#ledger.handled)) this.#ledger.resume();
    else this.#ledger = new InboundLedger(handled, this);
    this.#handle = handle;
    this.#attach(wire);
    this.#sending.resume(wire, handle, h);
    this.#tell(`resumed:${epoch}`, { type: 'session-resumed', session: this.id });
    this.#guard(() => {
      this.#services.layer.resumed(this);
    });
  }

  /** A stanza came. */
  stanza(element: XmlElement, bytes: number): void {
    this.#services.stats.stanzas.in++;
    const place = this.#ledger.read(element.name, element.attrs['id'], bytes);
    if (place === undefined) return;
    const version = place.version === 0 ? '' : `.${place.version}.${this.#handle.record.epoch}`;
    const number = this.#sending.isManaged ? `${place.number}${version}` : `0.${place.number}`;
    try {
      const handled = this.#sending.takesPong(element) ? undefined : this.#handled(element, `${this.id}:${number}`);
      if (handled === undefined) place.settle();
      else
        handled.then(
          () => {
            place.settle();
          },
          (cause: unknown) => {
            place.settle();
            this.#failed(element, cause);
          },
        );
    } catch (cause) {
      // it is answered, by an error at least: after a resume it must not come again
      place.settle();
      this.#failed(element, cause);
    }
    if (this.#isCrowded()) this.#wire?.setReading(false);
  }

  #handled(element: XmlElement, entryId: string): void | Promise<void> {
    const { bareJid, fullJid } = this;
    const checked = checkStanza(element, { bareJid, fullJid, domain: this.#tenant.domain });
    if (checked.is === 'good') return this.#services.layer.stanza(this, { element, entryId });
    if (checked.answer !== undefined) this.send(checked.answer, 'keep');
    return undefined;
  }

  /** A stanza came that the stream itself answers. */
  answer(element: XmlElement, bytes: number): void {
    this.#services.stats.stanzas.in++;
    const place = this.#ledger.read('iq', element.attrs['id'], bytes);
    if (place === undefined) return;
    this.send(element, 'keep');
    place.settle();
  }

  nonza(element: XmlElement): void {
    if (!this.#services.layer.nonza(this, element)) throw new StreamError('unsupported-stanza-type');
  }

  sendNonza(element: XmlElement): void {
    this.#sending.sendNonza(element);
  }

  enable(resumable: boolean): void {
    this.#ledger = new InboundLedger(0, this);
    this.#sending.enable(resumable);
  }

  acknowledge(): void {
    this.#sending.acknowledge();
  }

  acknowledgedTo(h: number): void {
    this.#sending.acknowledgedTo(h);
  }

  ask(): void {
    this.#sending.ask();
  }

  /** Calls `then` once all that waits is written. */
  afterAll(then: () => void): void {
    this.#sending.afterAll(then);
  }

  /** The last `<a/>`, where the app ends its session. [XEP-0198 §6] */
  farewell(): string {
    return this.#sending.isManaged ? smAnswer(this.#ledger.handled) : '';
  }

  /** The connection is gone; the session waits. */
  lost(wire: Wire): void {
    if (this.#wire !== wire || this.#isOver) return;
    this.#detach();
    const { epoch } = this.#handle.record;
    this.#noteHandled();
    this.#handle.detach(RESUME_WINDOW);
    this.#setDetached(true);
    this.#tell(`lost:${epoch}`, { type: 'session-lost', session: this.id });
  }

  /** The app has closed its stream, or the session is ended for it. */
  logout(wire = this.#wire): void {
    if (this.#isOver || this.#wire !== wire) return;
    this.#noteHandled();
    this.#handle.close();
    this.#tell('closed', { type: 'session-closed', session: this.id });
    this.#end();
  }

  // For the bus

  receive(entries: readonly (OutboxEntry | { readonly item: Item })[]): void {
    this.#sending.receive(entries);
  }

  superseded(): void {
    const wire = this.#wire;
    if (wire !== undefined) this.#detach();
    wire?.drop('superseded');
    if (!this.isAdopted) this.#end();
  }

  /** The bus has given it up. */
  expired(): void {
    this.isAdopted = false;
    this.superseded();
  }

  async probe(): Promise<boolean> {
    const wire = this.#wire;
    if (wire === undefined) return false;
    const heard = wire.hearsWithin(PROBE_TIME);
    this.ask();
    return heard;
  }

  // For what is sent

  get inbound(): InboundLedger {
    return this.#ledger;
  }

  rendered(item: Item): string | undefined {
    if (item.kind === 'stanza') return item.xml;
    return this.#guard(() => {
      const element = this.#services.layer.render(this, item);
      return element === undefined ? undefined : serialize(element);
    });
  }

  proved(proofs: readonly string[]): void {
    const own = this.#services.layer.proved(this, proofs);
    if (own.length > 0) this.#forgetful(this.put({ type: 'proved', session: this.id, proofs: own }));
  }

  failed(cause: unknown): void {
    if (this.#isOver) return;
    const { stats, log } = this.#services;
    stats.handlerFailures++;
    log.error({ tenant: this.#tenant.id, session: this.id, err: cause }, 'a session failed');
  }

  // Ends and accidents

  #attach(wire: Wire): void {
    if (this.#wire === undefined) this.#services.stats.sessions++;
    this.#wire = wire;
    this.#setDetached(false);
  }

  #detach(): void {
    this.#wire = undefined;
    this.#services.stats.sessions--;
    this.#sending.detach();
  }

  #setDetached(detached: boolean): void {
    if (detached === this.#isDetached) return;
    this.#isDetached = detached;
    this.#services.stats.detached += detached ? 1 : -1;
  }

  #end(): void {
    if (this.#isOver) return;
    if (this.#wire !== undefined) this.#detach();
    this.#setDetached(false);
    this.#isOver = true;
    this.#services.over(this);
    this.#guard(() => {
      this.#services.layer.closed(this);
    });
    this.memory.clear();
  }

  #isCrowded(): boolean {
    return this.#ledger.unsettled >= UNSTORED_STANZAS || this.#ledger.unsettledBytes >= UNSTORED_BYTES;
  }

  /** More of the app's stanzas are handled. */
  settled(ledger: InboundLedger): void {
    if (ledger !== this.#ledger) return;
    if (this.#wire === undefined) {
      if (!this.#isOver) this.#noteHandled();
      return;
    }
    if (!this.#isCrowded()) this.#wire.setReading(true);
    this.#sending.settled();
    if (this.#countMatters) this.#services.flusher.schedule(this);
  }

  /** The count, where something was kept. */
  flush(): void {
    if (!this.#isOver) this.#noteHandled();
  }

  #noteHandled(): void {
    if (this.#ledger.unsettled === 0) this.#countMatters = false;
    if (this.#sending.isManaged) this.#forgetful(this.#handle.note({ handled: this.#ledger.handled }));
  }

  /** A handler that failed ends nothing but its stanza; what an app did wrong ends its stream. */
  #failed(element: XmlElement, cause: unknown): void {
    if (cause instanceof StreamError) {
      this.#wire?.close(cause, false);
      return;
    }
    if (cause instanceof SupersededError) return;
    this.failed(cause);
    const answer = errorFor(element, new StanzaError('cancel', 'internal-server-error'));
    if (answer !== undefined) this.send(answer, 'keep');
  }

  /** Runs a part of the layer above; when it fails, only this stream ends. */
  #guard<T>(run: () => T): T | undefined {
    try {
      return run();
    } catch (cause) {
      if (!(cause instanceof StreamError)) this.failed(cause);
      this.#wire?.close(cause instanceof StreamError ? cause : new StreamError('internal-server-error'), false);
      return undefined;
    }
  }

  #forgetful(done: Soon<void>): void {
    done?.catch((cause: unknown) => {
      if (!(cause instanceof SupersededError)) this.failed(cause);
    });
  }

  /** Acts of the stream itself have ids of their own: put twice, they are known. */
  #tell(name: string, act: Act): void {
    const entry: InboxEntry = { tenant: this.#handle.record.tenant, id: `${this.id}:${name}`, act };
    this.#forgetful(this.#acts.put(entry));
  }

  #entry(act: Act, of: Inbound | undefined): InboxEntry {
    const { tenant, epoch } = this.#handle.record;
    if (of === undefined) return { tenant, id: `${this.id}:e${epoch}.${++this.#actNumber}`, act };
    const count = actsOf.get(of) ?? 0;
    actsOf.set(of, count + 1);
    return { tenant, id: count === 0 ? of.entryId : `${of.entryId}:${count}`, act };
  }
}
