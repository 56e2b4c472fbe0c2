import type { Clock, Logger } from '@chat-gateway/runtime';
import type { Act, DeskSignal, InboxEntry, Item, SessionId } from '../bus/messages.ts';
import { type Bus, type OutboxEntry, type SessionHandle, type SessionRecord, SupersededError } from '../bus/port.ts';
import type { Tenant } from '../config/tenants.ts';
import type { StaffId } from '../helpdesk/model.ts';
import { type XmlElement, xml } from '../xmpp/element.ts';
import { serialize } from '../xmpp/serialize.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import { StreamError } from '../xmpp/stream-error.ts';
import { ActQueue } from './act-queue.ts';
import type { Flushable, Flusher } from './flusher.ts';
import { InboundLedger } from './inbound-ledger.ts';
import {
  OUTBOUND_BYTES,
  PROBE_TIME,
  RESUME_WINDOW,
  UNPROVED_CHARACTERS,
  UNPROVED_ENTRIES,
  UNSTORED_BYTES,
  UNSTORED_STANZAS,
} from './limits.ts';
import { Outbound } from './outbound.ts';
import type { Inbound, Session, SessionLayer } from './session.ts';
import { checkStanza, errorFor } from './stanza-check.ts';
import type { EdgeStats } from './stats.ts';
import {
  after,
  handledCountTooHigh,
  isUpTo,
  judge,
  SM_REQUEST,
  smAnswer,
  smEnabled,
  smResumed,
} from './stream-management.ts';
import type { Wire } from './wire.ts';

export interface SessionServices {
  readonly bus: Bus;
  readonly layer: SessionLayer;
  readonly clock: Clock;
  readonly log: Logger;
  readonly stats: EdgeStats;
  readonly flusher: Flusher;
  /** Hexadecimal digits of so many random bytes. */
  readonly token: (bytes: number) => string;
  readonly tenantOf: (session: StreamSession) => Tenant;
  /** The edge knows of this session until it is over. */
  readonly keep: (session: StreamSession) => void;
  readonly over: (session: StreamSession) => void;
}

/** Entries of which an app must prove at once that it got them. */
const isDurable = (item: Item): boolean =>
  item.kind === 'message' || item.kind === 'refusal' || item.kind === 'receipt';
/** Answers to IQs are kept too, but nobody waits for their proof: it is asked for after so many. */
const ANSWERS_UNPROVED = 20;
const needsProof = (item: Item): boolean => item.kind === 'message';

/** A bound stream over one connection after another: numbers, acknowledges, keeps and writes again. [XEP-0198] */
export class StreamSession implements Session, Flushable {
  readonly id: SessionId;
  readonly staff: StaffId;
  readonly bareJid: string;
  readonly resource: string;
  readonly fullJid: string;
  readonly memory = new Map<symbol, unknown>();
  readonly #services: SessionServices;
  readonly #acts: ActQueue;
  readonly #outbound = new Outbound();
  #handle: SessionHandle;
  #wire: Wire | undefined;
  #ledger: InboundLedger;
  /** Stream management is enabled; `resumable`: with resumption. */
  #managed = false;
  #resumable = false;
  /** Another connection of this edge is about to take this session. */
  isAdopted = false;
  #isOver = false;

  #acknowledged = 0;
  /** `<r/>` is out and `<a/>` has not come. */
  #asked = false;
  /** COMPAT(apps without XEP-0198): a ping is out; its answer proves what was written before. */
  #ping: { readonly id: string; covers: number } | undefined;
  /** Entries of a resumed stream that wait until the app acknowledges those before them. */
  #backlog: OutboxEntry[] = [];
  /** Notes that must be stored before more is written on this connection. */
  #noting = { open: 0 };
  #isDetached = false;
  #ackWanted = false;
  #ackOwed = false;
  #notingAck = false;
  #actNumber = 0;
  readonly #actsOf = new WeakMap<Inbound, number>();

  constructor(services: SessionServices, handle: SessionHandle) {
    this.#services = services;
    this.#handle = handle;
    this.#acts = new ActQueue(services.bus, services.clock);
    const { id, staff, bareJid, resource } = handle.record;
    this.id = id;
    this.staff = staff;
    this.bareJid = bareJid;
    this.resource = resource;
    this.fullJid = `${bareJid}/${resource}`;
    this.#ledger = this.#newLedger(0);
  }

  get tenant(): Tenant {
    return this.#services.tenantOf(this);
  }

  get record(): SessionRecord {
    return this.#handle.record;
  }

  get isAttached(): boolean {
    return this.#wire !== undefined;
  }

  /** Where it began to count; what the edge compares an app's `h` with. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  // What the layer above does

  send(element: XmlElement, keep?: 'keep'): void {
    if (this.#isOver) return;
    const text = serialize(element);
    try {
      if (keep === 'keep' && this.#resumable) {
        const entry = this.#handle.add({ kind: 'stanza', xml: text });
        if (this.#wire === undefined) return;
        if (this.#backlog.length > 0) this.#backlog.push(entry);
        else this.#outbound.push({ is: 'stanza', text, entry });
      } else {
        if (this.#wire === undefined) return;
        this.#outbound.push({ is: 'stanza', text });
      }
      this.#schedule();
    } catch (cause) {
      if (!(cause instanceof SupersededError)) throw cause;
    }
  }

  put(act: Act, of?: Inbound): Promise<void> {
    return this.#acts.put(this.#entry(act, of));
  }

  signal(signal: DeskSignal): void {
    this.#services.bus.signal(this.#handle.record.tenant, signal);
  }

  note(change: Parameters<Session['note']>[0]): void {
    this.#forgetful(this.#handle.note(change));
  }

  close(error?: StreamError): void {
    if (this.#wire !== undefined) this.#wire.close(error, error === undefined);
    else if (error === undefined) this.logout();
  }

  // What the connection tells

  /** The first connection: the desk hears of the session. */
  opened(wire: Wire, replaces: SessionId | undefined): void {
    const { id, staff, resource } = this;
    this.#attach(wire);
    this.#tell(
      'opened',
      replaces === undefined
        ? { type: 'session-opened', session: id, staff, resource }
        : { type: 'session-opened', session: id, staff, resource, replaces },
    );
  }

  /** Another connection after the first one. `h`: what the app has got. */
  resumed(wire: Wire, handle: SessionHandle, h: number): void {
    this.#handle = handle;
    const { handled, resumption, epoch } = handle.record;
    // this edge may know of more than was noted
    if (this.#managed && isUpTo(handled, this.#ledger.handled)) this.#ledger.resume();
    else this.#ledger = this.#newLedger(handled);
    this.#managed = true;
    this.#resumable = true;
    this.#outbound.restart(h);
    this.#acknowledged = h;
    this.#asked = false;
    this.#ping = undefined;
    this.#attach(wire);
    const answered = this.#ledger.handled;
    this.#outbound.push({ is: 'nonza', text: serialize(smResumed(resumption?.id ?? '', answered)) });
    this.#prove(h);
    this.#backlog = [...handle.pending()];
    // their numbers were those of another connection
    for (const entry of this.#backlog) delete entry.number;
    this.#writeBacklog();
    this.#forgetful(this.#handle.note({ handled: answered, written: h }));
    this.#tell(`resumed:${epoch}`, { type: 'session-resumed', session: this.id });
    this.#guard(() => {
      this.#services.layer.resumed(this);
    });
    this.#schedule();
  }

  /** A stanza came. @throws StreamError */
  stanza(element: XmlElement, bytes: number): void {
    const place = this.#ledger.read(element.name, element.attrs['id'], bytes);
    this.#services.stats.stanzas.in++;
    if (place === undefined) return;
    if (this.#isPong(element)) {
      place.settle();
      return;
    }
    const checked = checkStanza(element, {
      bareJid: this.bareJid,
      fullJid: this.fullJid,
      domain: this.#handle.record.tenant,
    });
    if (checked.is === 'bad') {
      if (checked.answer !== undefined) this.send(checked.answer, 'keep');
      place.settle();
      return;
    }
    const version = place.version === 0 ? '' : `.${place.version}.${this.#handle.record.epoch}`;
    const number = this.#managed ? `${place.number}${version}` : `0.${place.number}`;
    const inbound: Inbound = { element, entryId: `${this.id}:${number}` };
    try {
      const result = this.#services.layer.stanza(this, inbound);
      if (result === undefined) place.settle();
      else
        result.then(
          () => {
            place.settle();
          },
          (cause: unknown) => {
            this.#failed(element, cause);
            place.settle();
          },
        );
    } catch (cause) {
      this.#failed(element, cause);
      place.settle();
    }
    if (this.#isCrowded()) this.#wire?.setReading(false);
  }

  /** A stanza came that the stream itself answers. */
  answer(bytes: number, element: XmlElement): void {
    this.#services.stats.stanzas.in++;
    const place = this.#ledger.read('iq', element.attrs['id'], bytes);
    this.send(element, 'keep');
    place?.settle();
  }

  /** @throws StreamError */
  nonza(element: XmlElement): void {
    if (!this.#services.layer.nonza(this, element)) throw new StreamError('unsupported-stanza-type');
  }

  /** Something of the stream itself, in its place. */
  sendNonza(element: XmlElement): void {
    this.#outbound.push({ is: 'nonza', text: serialize(element) });
    this.#schedule();
  }

  enable(resumable: boolean): void {
    this.#managed = true;
    this.#ledger = this.#newLedger(0);
    this.#acknowledged = 0;
    if (this.#ping !== undefined) this.#ping.covers = 0;
    const resumption = resumable ? { id: this.#services.token(24), window: RESUME_WINDOW } : undefined;
    this.#resumable = resumable;
    this.#outbound.push({ is: 'enabled', text: serialize(smEnabled(resumption)) });
    if (resumption !== undefined) {
      // the app must not hear of an id that nobody else knows
      this.#noted(this.#handle.note({ resumption, handled: 0, written: 0 }));
    }
    this.#schedule();
  }

  /** `<r/>` */
  acknowledge(): void {
    this.#ackWanted = true;
    this.#schedule();
  }

  /** `<a/>`. @throws StreamError */
  acknowledgedTo(h: number): void {
    const { written } = this.#outbound;
    switch (judge(h, this.#acknowledged, written)) {
      case 'too-high':
        throw new StreamError(
          'undefined-condition',
          'More was acknowledged than sent.',
          handledCountTooHigh(h, written),
        );
      case 'backward':
        throw new StreamError('bad-format', 'A count went backwards.');
      case 'good':
    }
    this.#acknowledged = h;
    this.#asked = false;
    this.#prove(h);
    this.#writeBacklog();
    if (this.#outbound.unprovedEntries > 0) {
      this.#asked = true;
      this.#outbound.push({ is: 'nonza', text: SM_REQUEST });
    }
    this.#schedule();
  }

  /** Makes the app say something. */
  ask(): void {
    if (this.#wire === undefined) return;
    if (this.#managed) this.#outbound.push({ is: 'nonza', text: SM_REQUEST });
    else this.#pushPing();
    this.flush();
  }

  /** The connection is gone; the session waits. */
  lost(wire: Wire): void {
    if (this.#wire !== wire || this.#isOver) return;
    this.#detach();
    const { epoch } = this.#handle.record;
    if (this.#managed) this.#forgetful(this.#handle.note({ handled: this.#ledger.handled }));
    this.#handle.detach(RESUME_WINDOW);
    this.#setDetached(true);
    this.#tell(`lost:${epoch}`, { type: 'session-lost', session: this.id });
  }

  /** The app has closed its stream, or the session is ended for it. */
  logout(wire = this.#wire): void {
    if (this.#isOver || this.#wire !== wire) return;
    if (this.#managed) this.#forgetful(this.#handle.note({ handled: this.#ledger.handled }));
    this.#handle.close();
    this.#tell('closed', { type: 'session-closed', session: this.id });
    this.#end();
  }

  /** The last `<a/>` before the stream ends. [XEP-0198 §6] */
  farewell(): string {
    this.flush();
    return this.#managed ? smAnswer(this.#ledger.handled) : '';
  }

  // What the bus tells

  receive(entries: readonly (OutboxEntry | { readonly item: Item })[]): void {
    if (this.#wire === undefined) return;
    for (const entry of entries) {
      if (!('sequence' in entry)) {
        const element = this.#rendered(entry.item);
        if (typeof element === 'string') this.#outbound.push({ is: 'stanza', text: element });
      } else if (this.#backlog.length > 0) this.#backlog.push(entry);
      else if (!this.#push(entry)) return;
    }
    this.#schedule();
  }

  superseded(): void {
    const wire = this.#wire;
    if (wire !== undefined) this.#detach();
    wire?.drop('superseded');
    if (!this.isAdopted) this.#end();
  }

  expired(): void {
    const wire = this.#wire;
    if (wire !== undefined) this.#detach();
    this.#end();
    wire?.drop('superseded');
  }

  async probe(): Promise<boolean> {
    const wire = this.#wire;
    if (wire === undefined) return false;
    const heard = wire.hearsWithin(PROBE_TIME);
    this.ask();
    return heard;
  }

  // Writing

  /** Writes what waits; entries are noted with their numbers first. */
  flush(): void {
    const wire = this.#wire;
    if (wire === undefined) return;
    this.#flushAck(wire);
    if (this.#noting.open > 0 || this.#outbound.isEmpty) return;
    if (wire.waiting > OUTBOUND_BYTES) {
      wire.drop('slow');
      return;
    }
    const before = this.#outbound.written;
    const batch = this.#outbound.take();
    if (batch === undefined) return;
    const { written } = this.#outbound;
    this.#services.stats.stanzas.out += written >= before ? written - before : written;
    let { text } = batch;
    if (batch.entries.length === 0) {
      wire.write(text);
      if (this.#managed) this.#forgetful(this.#handle.note({ written }));
      return;
    }
    text += this.#request(batch.entries);
    this.#noted(this.#handle.note({ numbers: batch.entries, written: this.#outbound.written }), () => {
      if (this.#wire !== wire) return;
      wire.write(text);
      if (!this.#resumable && !this.#managed) this.#forgetUnneeded();
    });
  }

  /** What makes the app prove that it got these entries. */
  #request(entries: readonly OutboxEntry[]): string {
    if (this.#managed) {
      const urgent = entries.some(({ item }) => item.kind === 'message' && item.urgent === true);
      const wanted = entries.some(({ item }) => isDurable(item)) || this.#outbound.unprovedEntries >= ANSWERS_UNPROVED;
      if (!wanted || (this.#asked && !urgent)) return '';
      this.#asked = true;
      return SM_REQUEST;
    }
    if (this.#ping !== undefined || !entries.some(({ item }) => isDurable(item))) return '';
    this.#ping = { id: `ping-${this.#services.token(8)}`, covers: this.#outbound.written };
    this.#outbound.written = after(this.#outbound.written);
    return this.#pingText(this.#ping);
  }

  #pingText(ping: { readonly id: string }): string {
    const { tenant } = this.#handle.record;
    const attributes = { type: 'get', id: ping.id, from: tenant, to: this.fullJid };
    return serialize(xml('iq', attributes, xml('ping', 'urn:xmpp:ping')));
  }

  #pushPing(): void {
    const ping = { id: `ping-${this.#services.token(8)}`, covers: this.#outbound.written };
    this.#ping = ping;
    this.#outbound.push({ is: 'ping', text: this.#pingText(ping), ping });
  }

  #isPong(element: XmlElement): boolean {
    const ping = this.#ping;
    const { type, id } = element.attrs;
    if (ping === undefined || element.name !== 'iq' || id !== ping.id) return false;
    if (type !== 'result' && type !== 'error') return false;
    this.#ping = undefined;
    this.#prove(ping.covers);
    if (this.#outbound.unprovedEntries > 0) this.#pushPing();
    this.#schedule();
    return true;
  }

  /** `h` is noted before it is told: what an app believes must be true on any pod. */
  #flushAck(wire: Wire): void {
    if (!this.#ackWanted || this.#notingAck) return;
    this.#ackWanted = false;
    this.#notingAck = true;
    const { handled } = this.#ledger;
    this.#handle.note({ handled }).then(
      () => {
        this.#notingAck = false;
        if (this.#wire !== wire) return;
        wire.write(smAnswer(handled));
        this.#ackOwed = this.#ledger.unsettled > 0;
        if (this.#ackWanted) this.#schedule();
      },
      (cause: unknown) => {
        this.#notingAck = false;
        this.#noteFailed(cause);
      },
    );
  }

  #noted(note: Promise<void>, then?: () => void): void {
    const noting = this.#noting;
    noting.open++;
    note.then(
      () => {
        noting.open--;
        then?.();
        this.flush();
      },
      (cause: unknown) => {
        noting.open--;
        this.#noteFailed(cause);
      },
    );
  }

  /** False when the app has too much unproved: its connection is closed, nothing is lost. */
  #push(entry: OutboxEntry): boolean {
    const { unprovedEntries, unprovedCharacters } = this.#outbound;
    if (unprovedEntries >= UNPROVED_ENTRIES || unprovedCharacters >= UNPROVED_CHARACTERS) {
      this.#wire?.drop('unacknowledged');
      return false;
    }
    const text = this.#rendered(entry.item);
    if (text === undefined) this.#outbound.push({ is: 'blank', entry });
    else this.#outbound.push({ is: 'stanza', text, entry });
    return true;
  }

  /** After a resume as much as the app may have unproved, and more as it acknowledges. */
  #writeBacklog(): void {
    let pushed = 0;
    let characters = this.#outbound.unprovedCharacters;
    while (
      pushed < this.#backlog.length &&
      this.#outbound.unprovedEntries + pushed < UNPROVED_ENTRIES &&
      characters < UNPROVED_CHARACTERS
    ) {
      const entry = this.#backlog[pushed++];
      if (entry === undefined) break;
      const text = this.#rendered(entry.item);
      characters += text?.length ?? 0;
      this.#outbound.push(text === undefined ? { is: 'blank', entry } : { is: 'stanza', text, entry });
    }
    if (pushed > 0) this.#backlog = this.#backlog.slice(pushed);
  }

  #rendered(item: Item): string | undefined {
    if (item.kind === 'stanza') return item.xml;
    return this.#guard(() => {
      const element = this.#services.layer.render(this, item);
      return element === undefined ? undefined : serialize(element);
    });
  }

  /** Without acknowledgements only what tells the desk something is waited for. */
  #forgetUnneeded(): void {
    const unneeded = (entry: OutboxEntry): boolean => entry.number !== undefined && !needsProof(entry.item);
    this.#handle.proved(unneeded);
    this.#outbound.forget(unneeded);
  }

  #prove(number: number): void {
    this.#outbound.proved(number);
    const proved = this.#handle.proved((entry) => entry.number !== undefined && isUpTo(entry.number, number));
    const proofs = proved.flatMap(({ item }) =>
      item.kind === 'message' && item.proof !== undefined ? [item.proof] : [],
    );
    if (proofs.length > 0) this.#forgetful(this.put({ type: 'proved', session: this.id, proofs }));
  }

  // Ends and accidents

  #attach(wire: Wire): void {
    if (this.#wire === undefined) this.#services.stats.sessions++;
    this.#wire = wire;
    this.#setDetached(false);
  }

  #setDetached(detached: boolean): void {
    if (detached === this.#isDetached) return;
    this.#isDetached = detached;
    this.#services.stats.detached += detached ? 1 : -1;
  }

  #detach(): void {
    this.#wire = undefined;
    this.#services.stats.sessions--;
    this.#outbound.restart(this.#outbound.written);
    this.#backlog = [];
    this.#noting = { open: 0 };
    this.#ackWanted = false;
    this.#ackOwed = false;
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#wire !== undefined) this.#detach();
    this.#setDetached(false);
    this.#services.over(this);
    this.#guard(() => {
      this.#services.layer.closed(this);
    });
    this.memory.clear();
  }

  #newLedger(handled: number): InboundLedger {
    const ledger: InboundLedger = new InboundLedger(handled, () => {
      if (ledger === this.#ledger) this.#settled();
    });
    return ledger;
  }

  #isCrowded(): boolean {
    return this.#ledger.unsettled >= UNSTORED_STANZAS || this.#ledger.unsettledBytes >= UNSTORED_BYTES;
  }

  #settled(): void {
    const wire = this.#wire;
    if (wire === undefined) {
      if (this.#managed && !this.#isOver) this.#forgetful(this.#handle.note({ handled: this.#ledger.handled }));
      return;
    }
    if (!this.#isCrowded()) wire.setReading(true);
    if (!this.#ackOwed) return;
    this.#ackOwed = false;
    this.#ackWanted = true;
    this.#schedule();
  }

  #schedule(): void {
    this.#services.flusher.schedule(this);
  }

  /** A handler that failed ends nothing but its stanza; what an app did wrong ends its stream. */
  #failed(element: XmlElement, cause: unknown): void {
    if (cause instanceof StreamError) {
      this.#wire?.close(cause, false);
      return;
    }
    if (cause instanceof SupersededError || this.#isOver) return;
    this.#report(cause);
    const answer = errorFor(element, new StanzaError('cancel', 'internal-server-error'));
    if (answer !== undefined) this.send(answer, 'keep');
  }

  /** Runs a part of the layer above; when it fails, only this stream ends. */
  #guard<T>(run: () => T): T | undefined {
    try {
      return run();
    } catch (cause) {
      if (!(cause instanceof StreamError)) this.#report(cause);
      this.#wire?.close(cause instanceof StreamError ? cause : new StreamError('internal-server-error'), false);
      return undefined;
    }
  }

  #report(cause: unknown): void {
    this.#services.stats.handlerFailures++;
    this.#services.log.error({ tenant: this.#handle.record.tenant, session: this.id, err: cause }, 'a handler failed');
  }

  #noteFailed(cause: unknown): void {
    if (cause instanceof SupersededError || this.#isOver) return;
    this.#report(cause);
    this.#wire?.drop('superseded');
  }

  #forgetful(done: Promise<void>): void {
    done.catch((cause: unknown) => {
      if (!(cause instanceof SupersededError) && !this.#isOver) this.#report(cause);
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
    const count = this.#actsOf.get(of) ?? 0;
    this.#actsOf.set(of, count + 1);
    return { tenant, id: count === 0 ? of.entryId : `${of.entryId}:${count}`, act };
  }
}
