/** A light XMPP app: raw sockets, one scan of what comes, no tree. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { StanzaScanner } from './stanza-scanner.ts';

export interface Account {
  readonly username: string;
  readonly domain: string;
  readonly password: string;
}

export interface Way {
  readonly port: number;
  readonly tls: boolean;
}

/** `bound`: no more than a bound stream; `online`: with acknowledgements, the roster, and presence. */
export type Profile = 'bound' | 'online';

const STEP_WITHIN = 30_000;
/** Source addresses: each has its own ports, and its own limits. */
const ADDRESSES = 20;
let connections = 0;

interface Expected {
  readonly prefix: string;
  readonly resolve: (stanza: string) => void;
}

export class LoadApp {
  readonly account: Account;
  readonly bareJid: string;
  onMessage: (stanza: string) => void = () => undefined;
  readonly #socket: Socket;
  readonly #scanner = new StanzaScanner((stanza) => {
    this.#take(stanza);
  });
  #expected: Expected | undefined;
  #fail: (cause: Error) => void = () => undefined;
  #counting = false;
  #handled = 0;
  #isClosing = false;

  private constructor(socket: Socket, account: Account) {
    this.#socket = socket;
    this.account = account;
    this.bareJid = `${account.username}@${account.domain}`;
    socket.setEncoding('latin1').on('data', (text: string) => {
      this.#scanner.feed(text);
    });
    socket.on('error', (cause) => {
      this.#fail(cause);
    });
    socket.on('close', () => {
      if (!this.#isClosing) this.#fail(new Error('the server has closed the connection'));
    });
  }

  static async login({ port, tls }: Way, account: Account, profile: Profile): Promise<LoadApp> {
    const localAddress = `127.0.0.${2 + (connections++ % ADDRESSES)}`;
    const to = { host: '127.0.0.1', port, localAddress };
    const tcp = connect(to).setNoDelay(true);
    const socket = tls ? connectTls({ socket: tcp, servername: account.domain, rejectUnauthorized: false }) : tcp;
    await once(socket, tls ? 'secureConnect' : 'connect');
    const app = new LoadApp(socket, account);
    await app.#negotiate(profile);
    return app;
  }

  send(text: string): void {
    this.#socket.write(text);
  }

  /** Logs out. */
  async close(): Promise<void> {
    this.#isClosing = true;
    if (this.#socket.destroyed) return;
    // some servers reset what they have ended
    const closed = new Promise((resolve) => this.#socket.once('close', resolve));
    this.#socket.end('</stream:stream>');
    this.#socket.setTimeout(1_000, () => this.#socket.destroy());
    await closed;
  }

  /** Without a word. */
  destroy(): void {
    this.#isClosing = true;
    this.#socket.destroy();
  }

  async #negotiate(profile: Profile): Promise<void> {
    const { username, password } = this.account;
    await this.#open();
    const plain = Buffer.from(`\0${username}\0${password}`).toString('base64');
    const auth = `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${plain}</auth>`;
    await this.#ask(auth, '<success');
    this.#scanner.restart();
    await this.#open();
    const bind = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>load</resource></bind>";
    await this.#ask(`<iq type='set' id='bind'>${bind}</iq>`, '<iq');
    if (profile === 'bound') return;
    await this.#ask("<enable xmlns='urn:xmpp:sm:3' resume='true'/>", '<enabled');
    await this.#ask("<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq>", '<iq');
    this.send('<presence/>');
  }

  async #open(): Promise<void> {
    const to = this.account.domain;
    const header = `<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0' to='${to}'>`;
    await this.#ask(header, '<stream:features');
  }

  async #ask(text: string, prefix: string): Promise<string> {
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<string>((resolve, reject) => {
        this.#expected = { prefix, resolve };
        this.#fail = reject;
        timer = setTimeout(() => {
          reject(new Error(`no ${prefix}`));
        }, STEP_WITHIN);
        this.send(text);
      });
    } finally {
      clearTimeout(timer);
      this.#fail = () => undefined;
    }
  }

  #take(stanza: string): void {
    const expected = this.#expected;
    const isStanza = stanza.startsWith('<message') || stanza.startsWith('<presence') || stanza.startsWith('<iq');
    if (isStanza && this.#counting) this.#handled++;
    if (expected !== undefined && stanza.startsWith(expected.prefix)) {
      this.#expected = undefined;
      if (expected.prefix === '<enabled') this.#counting = true;
      expected.resolve(stanza);
    } else if (stanza.startsWith('<message')) this.onMessage(stanza);
    else if (stanza.startsWith('<r ') || stanza.startsWith('<r/')) {
      this.send(`<a xmlns='urn:xmpp:sm:3' h='${this.#handled}'/>`);
    } else if (stanza.startsWith('<iq') && stanza.includes('urn:xmpp:ping')) this.#pong(stanza);
    else if (stanza.startsWith('<failure') || stanza.startsWith('<stream:error') || stanza.startsWith('<failed')) {
      this.#fail(new Error(stanza.slice(0, 300)));
    }
  }

  #pong(stanza: string): void {
    const [, id = ''] = /\sid=['"]([^'"]*)/u.exec(stanza) ?? [];
    if (/\stype=['"]get/u.test(stanza)) this.send(`<iq type='result' id='${id}'/>`);
  }
}

/** Logs many in, some at a time. */
export async function logInAll(way: Way, accounts: readonly Account[], profile: Profile): Promise<LoadApp[]> {
  const apps = new Map<Account, LoadApp>();
  await inParallel(accounts, 24, async (account) => {
    apps.set(account, await LoadApp.login(way, account, profile));
  });
  return accounts.flatMap((account) => apps.get(account) ?? []);
}

export async function inParallel<T>(items: readonly T[], width: number, work: (item: T) => Promise<void>) {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < items.length; at = next++) await work(items[at] as T);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
}
