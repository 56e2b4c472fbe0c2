/** An app that speaks raw text, for tests of the stream: what is on the wire is what is asserted. */
import { type Duplex, duplexPair } from 'node:stream';
import { settled } from '@chat-gateway/runtime';

export const HEADER = `<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='acme.test' version='1.0'>`;
export const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl';

export const plain = (username: string, password: string, authzid = ''): string =>
  Buffer.from(`${authzid}\0${username}\0${password}`).toString('base64');
export const auth = (username: string, password: string, authzid = ''): string =>
  `<auth xmlns='${SASL}' mechanism='PLAIN'>${plain(username, password, authzid)}</auth>`;
export const bind = (resource?: string): string =>
  `<iq type='set' id='b1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>${
    resource === undefined ? '' : `<resource>${resource}</resource>`
  }</bind></iq>`;

export class TextApp {
  readonly pipe: Duplex;
  readonly far: Duplex;
  /** All that came and was not taken. */
  text = '';
  ended = false;
  closed = false;

  constructor() {
    [this.pipe, this.far] = duplexPair();
    this.pipe.on('data', (chunk: Uint8Array) => {
      this.text += Buffer.from(chunk).toString();
    });
    this.pipe.on('end', () => {
      this.ended = true;
    });
    this.pipe.on('close', () => {
      this.closed = true;
    });
    this.pipe.on('error', () => undefined);
  }

  /** Writes, and gives back what came by the time everything has settled. */
  async says(text: string | Uint8Array): Promise<string> {
    this.pipe.write(text);
    return this.hears();
  }

  async hears(): Promise<string> {
    await settled();
    await settled();
    const { text } = this;
    this.text = '';
    return text;
  }

  cut(): void {
    this.pipe.destroy();
  }
}
