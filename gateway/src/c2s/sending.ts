import type { Item } from '../bus/messages.ts';
import { type OutboxEntry, type SessionHandle, SupersededError } from '../bus/port.ts';
import type { Soon } from '../bus/soon.ts';
import { type XmlElement, xml } from '../xmpp/element.ts';
import { serialize } from '../xmpp/serialize.ts';
import { StreamError } from '../xmpp/stream-error.ts';
import type { Flushable, Flusher } from './flusher.ts';
import { OUTBOUND_BYTES, RESUME_WINDOW, UNPROVED_CHARACTERS, UNPROVED_ENTRIES } from './limits.ts';
import { Outbound } from './outbound.ts';
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
  steps,
} from './stream-management.ts';
import type { Wire } from './wire.ts';

/** The session that this is a part of. */
export interface Sender {
  readonly fullJid: string;
  /** Stanzas of the app that are handled and stored, and whether more of them are being handled. */
  readonly inbound: { readonly handled: number; readonly unsettled: number };
  /** The stanza that an item is for this app. */
  rendered(item: Item): string | undefined;
  /** The app has proved that it got items with these marks. */
  proved(proofs: readonly string[]): void;
  /** Something of ours failed. */
  failed(cause: unknown): void;
}

export interface SendingServices {
  readonly stats: EdgeStats;
  readonly flusher: Flusher;
  readonly token: (bytes: number) => string;
}

/** Entries of which an app is asked at once whether it got them. */
const isDurable = (item: Item): boolean =>
  item.kind === 'message' || item.kind === 'refusal' || item.kind === 'receipt';
/** Without acknowledgements nothing is written again, so only these are kept: their proof tells the desk something. */
const needsProof = (item: Item): boolean => item.kind === 'message';
/**
 * What is kept but not durable (answers to IQs) is asked about after so many, or so many characters: a roster is not to
 * be kept for as long as its app says nothing.
 */
const ASKED_AFTER = 20;
const CHARACTERS_ASKED_AFTER = 1_000;
/** Shared by all that have none: never changed. */
const NO_BACKLOG: OutboxEntry[] = [];

/** All that goes to an app: numbered, noted, written in bursts, and kept until the app proves that it got it. */
export class Sending implements Flushable {
  isScheduled = false;
  readonly #services: SendingServices;
  readonly #sender: Sender;
  readonly #outbound = new Outbound();
  #handle: SessionHandle;
  #wire: Wire | undefined;
  /** Stream management is enabled; `resumable`: with resumption. */
  #managed = false;
  #resumable = false;
  #acknowledged = 0;
  /** `<r/>` is out and `<a/>` has not come. */
  #asked = false;
  /** COMPAT(apps without XEP-0198): a ping is out; its answer proves what was written before. */
  #ping: { readonly id: string; covers: number } | undefined;
  /** Entries of a resumed stream that wait until the app acknowledges those before them. */
  #backlog = NO_BACKLOG;
  /** Notes that must be stored before more is written on this connection. */
  #noting: { open: number } | undefined;
  /** Waits until all is written, or cannot be any more. */
  #afterAll: (() => void) | undefined;
  /** The app wants an `<a/>`; `owed`: and another one when more is handled. */
  #ack: 'none' | 'wanted' | 'noting' = 'none';
  #ackOwed = false;

  constructor(services: SendingServices, sender: Sender, handle: SessionHandle) {
    this.#services = services;
    this.#sender = sender;
    this.#handle = handle;
  }

  get isManaged(): boolean {
    return this.#managed;
  }

  /** The highest `h` that the app has told. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  attach(wire: Wire): void {
    this.#wire = wire;
  }

  /** What is not written yet stays in the outbox, or is state that will be told afresh. */
  detach(): void {
    this.#wire = undefined;
    this.#outbound.restart(this.#outbound.written);
    this.#backlog = NO_BACKLOG;
    this.#noting = undefined;
    this.#ack = 'none';
    this.#ackOwed = false;
    this.#finish();
  }

  /** Calls `then` once all that waits is written: at once, where nothing has to be noted first. */
  afterAll(then: () => void): void {
    this.#afterAll = then;
    this.flush();
    if (this.#noting === undefined) this.#finish();
  }

  #finish(): void {
    const then = this.#afterAll;
    this.#afterAll = undefined;
    then?.();
  }

  enable(resumable: boolean): void {
    this.#managed = true;
    this.#acknowledged = 0;
    if (this.#ping !== undefined) this.#ping.covers = 0;
    const resumption = resumable ? { id: this.#services.token(24), window: RESUME_WINDOW } : undefined;
    this.#resumable = resumable;
    this.#outbound.push({ is: 'enabled', text: serialize(smEnabled(resumption)) });
    // the app must not hear of an id that nobody else knows
    const noted = resumption && this.#handle.note({ resumption, handled: 0, written: 0 });
    if (noted !== undefined) this.#noted(noted);
    this.#schedule();
  }

  /** Goes on over another connection, behind the last stanza that the app has got. */
  resume(wire: Wire, handle: SessionHandle, h: number): void {
    this.#wire = wire;
    this.#handle = handle;
    this.#managed = true;
    this.#resumable = true;
    this.#acknowledged = h;
    this.#asked = false;
    this.#ping = undefined;
    this.#outbound.restart(h);
    const { handled } = this.#sender.inbound;
    const answer = serialize(smResumed(handle.record.resumption?.id ?? '', handled));
    const tell = (): void => {
      if (this.#wire === wire) wire.write(answer);
    };
    const noted = handle.note({ handled, written: h });
    if (noted === undefined) tell();
    else this.#noted(noted, tell);
    this.#prove(h);
    this.#backlog = [...handle.pending()];
    // their numbers were those of another connection
    for (const entry of this.#backlog) entry.number = undefined;
    this.#writeBacklog();
    this.#schedule();
  }

  /** A stanza of the edge itself; `keep`: written again after a resume. */
  send(element: XmlElement, keep: boolean): void {
    const text = serialize(element);
    if (keep && this.#resumable) this.#keep(text);
    else if (this.#wire !== undefined) this.#outbound.push({ is: 'stanza', text });
    this.#schedule();
  }

  /** Something of the stream itself, in its place. */
  sendNonza(element: XmlElement): void {
    this.#outbound.push({ is: 'nonza', text: serialize(element) });
    this.#schedule();
  }

  receive(entries: readonly (OutboxEntry | { readonly item: Item })[]): void {
    for (const entry of entries) {
      if (this.#wire === undefined) return;
      if (!('sequence' in entry)) {
        const text = this.#sender.rendered(entry.item);
        if (text !== undefined) this.#outbound.push({ is: 'stanza', text });
      } else if (this.#backlog.length > 0) this.#backlog.push(entry);
      else this.#push(entry);
    }
    this.#schedule();
  }

  /** `<r/>` came. */
  acknowledge(): void {
    if (this.#ack === 'none') this.#ack = 'wanted';
    else this.#ackOwed = true;
    this.#schedule();
  }

  /** More of the app's stanzas are handled. */
  settled(): void {
    if (this.#ackOwed) this.acknowledge();
  }

  /** `<a/>` came. @throws StreamError */
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
    if (this.#outbound.hasWritten) this.#request();
    this.#schedule();
  }

  /** True for the answer to our ping. */
  takesPong(element: XmlElement): boolean {
    const ping = this.#ping;
    const { type, id } = element.attrs;
    if (ping === undefined || element.name !== 'iq' || id !== ping.id) return false;
    // an error too is a sign of life [XEP-0199 §4.2]
    if (type !== 'result' && type !== 'error') return false;
    this.#ping = undefined;
    this.#prove(ping.covers);
    if (this.#outbound.hasWritten) this.#pushPing();
    this.#schedule();
    return true;
  }

  /** Makes the app say something. */
  ask(): void {
    if (this.#wire === undefined) return;
    if (this.#managed) this.#request();
    else this.#pushPing();
    this.flush();
  }

  /** Writes what waits; entries are noted with their numbers first, so that a resume knows what the app has. */
  flush(): void {
    const wire = this.#wire;
    if (wire === undefined || this.#noting !== undefined) return;
    const ack = this.#takeAck(wire);
    if (this.#outbound.isEmpty) {
      if (ack !== '') wire.write(ack);
      return;
    }
    if (wire.waiting > OUTBOUND_BYTES) {
      wire.drop('slow');
      return;
    }
    const before = this.#outbound.written;
    const { text, entries } = this.#outbound.take();
    const request = this.#requestFor(entries);
    const { written } = this.#outbound;
    this.#services.stats.stanzas.out += isUpTo(before, written) ? steps(before, written) : written;
    if (entries.length === 0) {
      wire.write(ack + text);
      if (this.#managed) this.#forgetful(this.#handle.note({ written }));
      return;
    }
    const noted = this.#handle.note({ numbers: entries, written });
    if (noted === undefined) wire.write(ack + text + request);
    else {
      if (ack !== '') wire.write(ack);
      this.#noted(noted, () => {
        if (this.#wire === wire) wire.write(text + request);
      });
    }
  }

  // Proofs

  #requestFor(entries: readonly OutboxEntry[]): string {
    let wanted = false;
    let urgent = false;
    for (const { item } of entries) {
      if (!isDurable(item)) continue;
      wanted = true;
      if (item.kind === 'message' && item.urgent === true) urgent = true;
    }
    if (!this.#managed) {
      if (!wanted || this.#ping !== undefined) return '';
      this.#ping = { id: this.#pingId(), covers: this.#outbound.written };
      this.#outbound.written = after(this.#outbound.written);
      return this.#pingText(this.#ping.id);
    }
    const many =
      entries.length > 0 &&
      (this.#outbound.unprovedEntries >= ASKED_AFTER || this.#outbound.unprovedCharacters >= CHARACTERS_ASKED_AFTER);
    if ((!wanted && !many) || (this.#asked && !urgent)) return '';
    this.#asked = true;
    return SM_REQUEST;
  }

  #request(): void {
    this.#asked = true;
    this.#outbound.push({ is: 'nonza', text: SM_REQUEST });
  }

  #pushPing(): void {
    const ping = { id: this.#pingId(), covers: this.#outbound.written };
    this.#ping = ping;
    this.#outbound.push({ is: 'ping', text: this.#pingText(ping.id), ping });
  }

  #pingId(): string {
    return `ping-${this.#services.token(8)}`;
  }

  #pingText(id: string): string {
    const attributes = { type: 'get', id, from: this.#handle.record.tenant, to: this.#sender.fullJid };
    return serialize(xml('iq', attributes, xml('ping', 'urn:xmpp:ping')));
  }

  #prove(number: number): void {
    this.#outbound.proved(number);
    const proved = this.#handle.proved((entry) => entry.number !== undefined && isUpTo(entry.number, number));
    let proofs: string[] | undefined;
    for (const { item } of proved)
      if (item.kind === 'message' && item.proof !== undefined) (proofs ??= []).push(item.proof);
    if (proofs !== undefined) this.#sender.proved(proofs);
  }

  // The outbox

  #keep(text: string): void {
    try {
      const entry = this.#handle.add({ kind: 'stanza', xml: text });
      if (this.#wire === undefined) return;
      if (this.#backlog.length > 0) this.#backlog.push(entry);
      else this.#push(entry);
    } catch (cause) {
      if (!(cause instanceof SupersededError)) throw cause;
    }
  }

  /** An app that has too much unproved loses its connection; its entries are kept. */
  #push(entry: OutboxEntry): void {
    if (this.#isFull) {
      this.#wire?.drop('unacknowledged');
      return;
    }
    const text = this.#sender.rendered(entry.item);
    if (!this.#managed && !needsProof(entry.item)) {
      this.#handle.proved((one) => one === entry);
      if (text !== undefined) this.#outbound.push({ is: 'stanza', text });
      return;
    }
    this.#outbound.push(text === undefined ? { is: 'blank', entry } : { is: 'stanza', text, entry });
  }

  /** After a resume, as much as an app may have unproved, and more as it acknowledges. */
  #writeBacklog(): void {
    let pushed = 0;
    for (const entry of this.#backlog) {
      if (this.#isFull) break;
      this.#push(entry);
      pushed++;
    }
    if (pushed > 0) this.#backlog = this.#backlog.slice(pushed);
  }

  get #isFull(): boolean {
    const { unprovedEntries, unprovedCharacters } = this.#outbound;
    return unprovedEntries >= UNPROVED_ENTRIES || unprovedCharacters >= UNPROVED_CHARACTERS;
  }

  // Notes

  /** The `<a/>` that is wanted. `h` is noted before it is told: what an app believes must be true on any pod. */
  #takeAck(wire: Wire): string {
    if (this.#ack !== 'wanted') return '';
    this.#ack = 'noting';
    this.#ackOwed = false;
    const { handled } = this.#sender.inbound;
    const noted = this.#handle.note({ handled });
    if (noted === undefined) return this.#acking(handled);
    noted.then(
      () => {
        if (this.#wire === wire) wire.write(this.#acking(handled));
      },
      (cause: unknown) => {
        this.#noteFailed(wire, cause);
      },
    );
    return '';
  }

  #acking(handled: number): string {
    this.#ack = 'none';
    if (this.#ackOwed) this.acknowledge();
    else this.#ackOwed = this.#sender.inbound.unsettled > 0 || this.#sender.inbound.handled !== handled;
    if (this.#ackOwed && this.#sender.inbound.handled !== handled) this.acknowledge();
    return smAnswer(handled);
  }

  #noted(note: Promise<void>, then?: () => void): void {
    const noting = (this.#noting ??= { open: 0 });
    const wire = this.#wire;
    noting.open++;
    const stored = (): void => {
      if (--noting.open === 0 && this.#noting === noting) this.#noting = undefined;
    };
    note.then(
      () => {
        stored();
        then?.();
        this.flush();
        if (this.#noting === undefined) this.#finish();
      },
      (cause: unknown) => {
        stored();
        this.#noteFailed(wire, cause);
        if (this.#noting === undefined) this.#finish();
      },
    );
  }

  #noteFailed(wire: Wire | undefined, cause: unknown): void {
    if (wire === undefined || this.#wire !== wire) return;
    if (!(cause instanceof SupersededError)) this.#sender.failed(cause);
    wire.drop('superseded');
  }

  #forgetful(note: Soon<void>): void {
    note?.catch((cause: unknown) => {
      if (!(cause instanceof SupersededError)) this.#sender.failed(cause);
    });
  }

  #schedule(): void {
    if (this.#wire !== undefined) this.#services.flusher.schedule(this);
  }
}
