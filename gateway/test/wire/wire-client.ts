/** A client of octets: it sends what it is told and keeps what comes. */
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { until } from '../support/until.ts';
import { ACME, type GatewayOnPorts, PASSWORD } from './gateway-on-ports.ts';

export const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl';
export const TLS = 'urn:ietf:params:xml:ns:xmpp-tls';
export const STARTTLS = `<starttls xmlns='${TLS}'/>`;

export const header = (to: string = ACME): string =>
  `<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' ` +
  `to='${to}' version='1.0'>`;

export const base64 = (text: string): string => Buffer.from(text).toString('base64');
export const auth = (message: string, mechanism = 'PLAIN'): string =>
  `<auth xmlns='${SASL}' mechanism='${mechanism}'>${message}</auth>`;
export const login = (username = 'jesse', password = PASSWORD, authzid = ''): string =>
  auth(base64(`${authzid}\0${username}\0${password}`));
export const bind = (resource: string): string =>
  `<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>${resource}</resource></bind></iq>`;

export class WireClient {
  #socket: Socket;
  /** All that came, and since {@link forget}. */
  text = '';
  closed = false;
  error: string | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#listen(socket);
  }

  /** `from`: an address of this machine, such as 127.0.0.2. */
  static async plain(gateway: GatewayOnPorts, from?: string): Promise<WireClient> {
    const local = from === undefined ? {} : { localAddress: from };
    const client = new WireClient(connectTcp({ port: gateway.xmpp, host: '127.0.0.1', noDelay: true, ...local }));
    await client.#connected('connect');
    return client;
  }

  /** Over direct TLS. */
  static async tls(gateway: GatewayOnPorts, options: ConnectionOptions = {}): Promise<WireClient> {
    const client = new WireClient(
      connectTls({
        port: gateway.xmppTls,
        host: '127.0.0.1',
        servername: ACME,
        ALPNProtocols: ['xmpp-client'],
        rejectUnauthorized: false,
        ...options,
      }).setNoDelay(),
    );
    await client.#connected('secureConnect');
    return client;
  }

  /** Over direct TLS, with the stream open. */
  static async open(gateway: GatewayOnPorts): Promise<WireClient> {
    const client = await WireClient.tls(gateway);
    await client.says(header(), '</stream:features>');
    client.forget();
    return client;
  }

  /** Logged in and bound. */
  static async bound(gateway: GatewayOnPorts, username = 'jesse', resource = 'desk'): Promise<WireClient> {
    const client = await WireClient.open(gateway);
    await client.says(login(username), '<success');
    client.forget();
    await client.says(header(), '</stream:features>');
    await client.says(bind(resource), '</iq>');
    client.forget();
    return client;
  }

  get socket(): Socket {
    return this.#socket;
  }

  forget(): void {
    this.text = '';
  }

  write(octets: string | Uint8Array): void {
    this.#socket.write(octets);
  }

  /** Writes, and waits until `part` has come. */
  async says(octets: string | Uint8Array, part: string): Promise<string> {
    this.write(octets);
    return this.hears(part);
  }

  async hears(part: string): Promise<string> {
    await until(
      () => this.text.includes(part) || this.closed,
      () => `no ${part} in: ${this.text}`,
    );
    if (!this.text.includes(part)) throw new Error(`closed without ${part}: ${this.text}`);
    return this.text;
  }

  /** Waits until the gateway has closed the connection, and gives back all that it said. */
  async farewell(): Promise<string> {
    await until(
      () => this.closed,
      () => `still open, after: ${this.text}`,
    );
    return this.text;
  }

  /** The handshake of STARTTLS, after `<proceed/>`. */
  async secure(options: ConnectionOptions = {}): Promise<TLSSocket> {
    const plain = this.#socket;
    plain.removeAllListeners();
    const socket = connectTls({ socket: plain, servername: ACME, rejectUnauthorized: false, ...options });
    this.#socket = socket;
    this.forget();
    this.#listen(socket);
    await this.#connected('secureConnect');
    return socket;
  }

  close(): void {
    this.#socket.destroy();
  }

  #listen(socket: Socket): void {
    socket.on('data', (chunk: Buffer) => {
      this.text += chunk.toString();
    });
    socket.on('error', (cause: NodeJS.ErrnoException) => {
      this.error = cause.code ?? cause.message;
      this.closed = true;
    });
    socket.on('end', () => {
      this.closed = true;
    });
    socket.on('close', () => {
      this.closed = true;
    });
  }

  async #connected(event: 'connect' | 'secureConnect'): Promise<void> {
    let isOpen = false;
    this.#socket.once(event, () => {
      isOpen = true;
    });
    await until(
      () => isOpen || this.closed,
      () => 'no connection',
    );
    if (!isOpen) throw new Error(`refused: ${this.error ?? 'closed'}`);
  }
}

/** The condition of the stream error, where the stream was ended with one, and with its end tag. */
export function streamErrorIn(text: string): string | undefined {
  const match = /<stream:error><([a-z-]+) xmlns='urn:ietf:params:xml:ns:xmpp-streams'.*<\/stream:stream>$/su.exec(text);
  return match?.[1];
}
