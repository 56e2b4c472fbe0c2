/** A scripted IM app over an in-memory pipe: what it sends is written as XML, what it gets is matched with XML. */
import assert from 'node:assert/strict';
import { type Duplex, duplexPair } from 'node:stream';
import type { XmlElement } from '../../src/xmpp/element.ts';
import { serialize } from '../../src/xmpp/serialize.ts';
import { matches, pattern } from './match.ts';
import { until } from './until.ts';
import { XmlReader } from './xml-reader.ts';

export interface AppOptions {
  /** Gives the gateway's end of a new connection to an edge. */
  readonly connect: (duplex: Duplex) => void;
  readonly domain: string;
  readonly username: string;
  readonly password: string;
  /** Absent: asks for none, as Pidgin does. */
  readonly resource?: string;
  /** Uses stream management with resumption. */
  readonly sm?: boolean;
  readonly carbons?: boolean;
  /** False: does not answer `<r/>` and pings, like a phone asleep. */
  readonly answers?: boolean;
  readonly priority?: number;
  /** Children of the initial presence, as XML: caps, show… */
  readonly presence?: string;
}

const STREAM_END = '</stream:stream>';

export class App {
  readonly options: AppOptions;
  /** Everything that came since the login, in order; a match takes a stanza out. */
  readonly received: XmlElement[] = [];
  readonly transcript: string[] = [];
  jid = '';
  bareJid = '';
  answers: boolean;
  closed = false;
  streamError: string | undefined;
  #pipe: Duplex | undefined;
  #features: XmlElement | undefined;
  #resumption: string | undefined;
  #countsIn = 0;
  #countsOut = 0;
  #counting = false;
  #unacked: string[] = [];
  #id = 0;

  constructor(options: AppOptions) {
    this.options = options;
    this.answers = options.answers ?? true;
  }

  /** Connects, authenticates, binds, asks for the roster and says that it is there. */
  async login(): Promise<this> {
    await this.authenticate();
    await this.bind();
    if (this.options.sm === true) await this.#enable();
    if (this.options.carbons === true) await this.iq('set', `<enable xmlns='urn:xmpp:carbons:2'/>`);
    await this.iq('get', `<query xmlns='jabber:iq:roster'/>`);
    const priority = this.options.priority === undefined ? '' : `<priority>${this.options.priority}</priority>`;
    this.sends(`<presence>${priority}${this.options.presence ?? ''}</presence>`);
    await this.receives(`<presence from='${this.jid}'/>`);
    await this.receives(`<presence from='gateway@visitors.${this.options.domain}/gateway'/>`);
    return this;
  }

  async authenticate(): Promise<void> {
    this.#open();
    await this.#opened();
    const credentials = Buffer.from(`\0${this.options.username}\0${this.options.password}`).toString('base64');
    this.#write(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${credentials}</auth>`);
    const answer = await this.#next((element) => element.getNS() === 'urn:ietf:params:xml:ns:xmpp-sasl');
    assert.equal(answer.getName(), 'success', serialize(answer));
    this.#reader.restart();
    this.#features = undefined;
    await this.#opened();
  }

  async bind(): Promise<void> {
    const resource = this.options.resource === undefined ? '' : `<resource>${this.options.resource}</resource>`;
    const result = await this.iq('set', `<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>${resource}</bind>`);
    this.jid = result.getChild('bind')?.getChildText('jid') ?? '';
    this.bareJid = this.jid.split('/')[0] ?? '';
    assert.notEqual(this.jid, '', serialize(result));
  }

  /** Comes back after {@link cut}: resumes where it can, else logs in afresh. True when it resumed. */
  async returns(): Promise<boolean> {
    if (this.#resumption === undefined) {
      await this.login();
      return false;
    }
    await this.authenticate();
    this.#write(`<resume xmlns='urn:xmpp:sm:3' previd='${this.#resumption}' h='${this.#countsIn}'/>`);
    const answer = await this.#next(
      (element) => element.getNS() === 'urn:xmpp:sm:3' && ['resumed', 'failed'].includes(element.getName()),
    );
    const h = answer.attrs['h'];
    // what the gateway has handled needs no second sending
    const handled = h === undefined ? 0 : Number(h) - (this.#countsOut - this.#unacked.length);
    const again = this.#unacked.slice(Math.max(0, handled));
    this.#unacked = [];
    if (answer.getName() === 'resumed') {
      this.#countsOut -= again.length;
      for (const stanza of again) this.sends(stanza);
      return true;
    }
    await this.bind();
    await this.#enable();
    await this.iq('get', `<query xmlns='jabber:iq:roster'/>`);
    this.sends(`<presence/>`);
    for (const stanza of again.filter((text) => text.startsWith('<message'))) this.sends(stanza);
    return false;
  }

  /** The network goes away. */
  cut(): void {
    this.#pipe?.destroy();
    this.#pipe = undefined;
  }

  /** A clean logout. */
  async leaves(): Promise<void> {
    this.sends(`<presence type='unavailable'/>`);
    this.#write(STREAM_END);
    await until(
      () => this.closed,
      () => 'the gateway did not close the stream',
    );
    this.#resumption = undefined;
  }

  sends(text: string): void {
    if (this.#counting && /^<(message|iq|presence)[\s/>]/u.test(text)) {
      this.#countsOut++;
      this.#unacked.push(text);
    }
    this.#write(text);
  }

  /** Sends a message with an id of its own and `<active/>`, as most apps do. */
  says(to: string, body: string, extra = `<active xmlns='http://jabber.org/protocol/chatstates'/>`): string {
    const id = `m${++this.#id}`;
    const escaped = body.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
    this.sends(`<message to='${to}' type='chat' id='${id}'><body>${escaped}</body>${extra}</message>`);
    return id;
  }

  state(to: string, state: string): void {
    this.sends(`<message to='${to}' type='chat'><${state} xmlns='http://jabber.org/protocol/chatstates'/></message>`);
  }

  async iq(type: 'get' | 'set', payload: string, to?: string): Promise<XmlElement> {
    const id = `q${++this.#id}`;
    this.sends(`<iq type='${type}' id='${id}'${to === undefined ? '' : ` to='${to}'`}>${payload}</iq>`);
    return this.#next((element) => element.getName() === 'iq' && element.attrs['id'] === id);
  }

  /** Waits for a stanza that has what this one has, and takes it. */
  async receives(wanted: string): Promise<XmlElement> {
    const parsed = pattern(wanted);
    return this.#next((element) => matches(parsed, element), wanted);
  }

  /** Nothing of this kind has come, and nothing does once everything has settled. `reason`: why that must be so. */
  async receivesNothing(wanted: string, reason: string): Promise<void> {
    const parsed = pattern(wanted);
    await this.settle();
    const found = this.received.find((element) => matches(parsed, element));
    assert.equal(found === undefined ? undefined : serialize(found), undefined, reason);
  }

  /** A round trip: everything that was caused before has arrived. */
  async settle(): Promise<void> {
    if (this.#pipe === undefined || this.closed) return;
    for (let turn = 0; turn < 3; turn++) await this.iq('get', `<ping xmlns='urn:xmpp:ping'/>`);
  }

  /** Bodies of the messages that came from this JID (any resource) and were not taken yet, oldest first. */
  bodies(from: string): string[] {
    return this.received
      .filter((element) => element.getName() === 'message' && element.attrs['from']?.split('/')[0] === from)
      .flatMap((element) => element.getChildText('body') ?? []);
  }

  forgets(): void {
    this.received.length = 0;
  }

  readonly #reader = new XmlReader({
    header: () => undefined,
    end: () => {
      this.closed = true;
    },
    element: (element) => {
      this.#got(element);
    },
  });

  #open(): void {
    this.#pipe?.destroy();
    const [ours, theirs] = duplexPair();
    this.closed = false;
    this.streamError = undefined;
    this.#counting = false;
    this.#features = undefined;
    this.#reader.restart();
    this.#pipe = ours;
    ours.on('data', (bytes: Uint8Array) => {
      if (this.#pipe === ours) this.#reader.write(bytes);
    });
    ours.on('error', () => undefined);
    ours.on('close', () => {
      if (this.#pipe === ours || this.#pipe === undefined) this.closed = true;
    });
    ours.on('end', () => {
      if (this.#pipe === ours) this.closed = true;
    });
    this.options.connect(theirs);
  }

  async #opened(): Promise<void> {
    this.#write(
      `<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' ` +
        `to='${this.options.domain}' version='1.0'>`,
    );
    await until(
      () => this.#features,
      () => this.#state('no stream features'),
    );
  }

  async #enable(): Promise<void> {
    this.#write(`<enable xmlns='urn:xmpp:sm:3' resume='true'/>`);
    this.#countsOut = 0;
    this.#unacked = [];
    this.#counting = true;
    const enabled = await this.#next((element) => element.is('enabled', 'urn:xmpp:sm:3'));
    this.#resumption = enabled.attrs['id'];
    assert.ok(this.#resumption, serialize(enabled));
  }

  #write(text: string): void {
    this.transcript.push(`→ ${text}`);
    this.#pipe?.write(text);
  }

  #got(element: XmlElement): void {
    this.transcript.push(`← ${serialize(element)}`);
    switch (element.getName()) {
      case 'features':
        this.#features = element;
        return;
      case 'error':
        if (element.getNS() === 'http://etherx.jabber.org/streams') {
          this.streamError = element.getChildElements()[0]?.getName();
          return;
        }
        break;
      case 'r':
        if (this.answers) this.#write(`<a xmlns='urn:xmpp:sm:3' h='${this.#countsIn}'/>`);
        return;
      case 'a':
        this.#unacked = this.#unacked.slice(Number(element.attrs['h']) - (this.#countsOut - this.#unacked.length));
        return;
      case 'enabled':
        this.#countsIn = 0;
        break;
      case 'resumed':
        this.#counting = true;
        break;
      case 'message':
      case 'presence':
      case 'iq':
        if (this.#counting) this.#countsIn++;
        break;
      default:
    }
    if (element.getName() === 'iq' && element.attrs['type'] === 'get' && this.answers) {
      this.sends(
        `<iq type='result' id='${element.attrs['id']}' to='${element.attrs['from'] ?? this.options.domain}'/>`,
      );
      return;
    }
    this.received.push(element);
  }

  async #next(isWanted: (element: XmlElement) => boolean, wanted = 'an answer'): Promise<XmlElement> {
    return until(
      () => {
        const index = this.received.findIndex(isWanted);
        return index < 0 ? undefined : this.received.splice(index, 1)[0];
      },
      () => this.#state(`${this.options.username} did not receive ${wanted}`),
    );
  }

  #state(what: string): string {
    const waiting = this.received.map((element) => `  ${serialize(element)}`).join('\n');
    const last = this.transcript.slice(-12).join('\n');
    return `${what}\nnot taken yet:\n${waiting}\nlast on the wire:\n${last}${this.closed ? '\n(closed)' : ''}`;
  }
}
