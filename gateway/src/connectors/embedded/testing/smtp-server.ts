/** A mail server of a test's own [RFC5321]: takes what it is sent, or does not, as it is told. */
import { createServer, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

export interface Received {
  readonly from: string;
  readonly to: readonly string[];
  /** As it came, with `\r\n`. */
  readonly data: string;
  readonly wasSecure: boolean;
}

export interface SmtpBehaviour {
  /** Answers to commands, instead of the usual ones; empty: none ever. */
  readonly answers?: Readonly<Record<string, string>>;
  /** Offers STARTTLS with this certificate. */
  readonly tls?: { readonly key: string; readonly certificate: string };
}

export class SmtpServer {
  readonly received: Received[] = [];
  /** Every line that was not part of a mail. */
  readonly commands: string[] = [];
  readonly #behaviour: SmtpBehaviour;
  readonly #connected = Promise.withResolvers<void>();
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(behaviour: SmtpBehaviour) {
    this.#behaviour = behaviour;
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      this.#connected.resolve();
      socket.on('error', () => socket.destroy());
      this.#say(socket, 'greeting', '220 mail.test');
      this.#talk(socket, false);
    });
  }

  static async listen(behaviour: SmtpBehaviour = {}): Promise<SmtpServer> {
    const server = new SmtpServer(behaviour);
    await new Promise<void>((resolve) => {
      server.#server.listen(0, '127.0.0.1', resolve);
    });
    return server;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('it does not listen');
    return address.port;
  }

  /** Resolves when the first client has come. */
  get connected(): Promise<void> {
    return this.#connected.promise;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #say(socket: Socket, to: string, usual: string): void {
    const answer = this.#behaviour.answers?.[to] ?? usual;
    if (answer !== '') socket.write(`${answer}\r\n`);
  }

  #talk(socket: Socket, isSecure: boolean): void {
    let rest = '';
    let mail: { from: string; to: string[]; lines?: string[] } = { from: '', to: [] };
    const onData = (bytes: Buffer) => {
      rest += bytes.toString('utf8');
      for (let end = rest.indexOf('\r\n'); end >= 0; end = rest.indexOf('\r\n')) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + 2);
        if (mail.lines === undefined) {
          if (!onCommand(line)) return;
        } else if (line === '.') {
          const data = `${mail.lines.join('\r\n')}\r\n`;
          this.received.push({ from: mail.from, to: mail.to, data, wasSecure: isSecure });
          mail = { from: '', to: [] };
          this.#say(socket, 'data-end', '250 taken');
        } else {
          mail.lines.push(line.startsWith('.') ? line.slice(1) : line);
        }
      }
    };
    const onCommand = (line: string): boolean => {
      this.commands.push(line);
      const verb = line.split(' ')[0]?.toUpperCase() ?? '';
      switch (verb) {
        case 'EHLO':
          this.#say(
            socket,
            verb,
            this.#behaviour.tls !== undefined && !isSecure
              ? '250-mail.test\r\n250 STARTTLS'
              : '250-mail.test\r\n250 AUTH PLAIN',
          );
          return true;
        case 'STARTTLS': {
          this.#say(socket, verb, '220 go on');
          socket.removeListener('data', onData);
          const { tls } = this.#behaviour;
          const secured = new TLSSocket(socket, {
            isServer: true,
            ...(tls && { key: tls.key, cert: tls.certificate }),
          });
          secured.on('error', () => socket.destroy());
          this.#talk(secured, true);
          return false;
        }
        case 'MAIL':
          mail = { from: addressIn(line), to: [] };
          this.#say(socket, verb, '250 ok');
          return true;
        case 'RCPT':
          mail.to.push(addressIn(line));
          this.#say(socket, verb, '250 ok');
          return true;
        case 'DATA':
          mail.lines = [];
          this.#say(socket, verb, '354 go on');
          return true;
        case 'AUTH':
          this.#say(socket, verb, '235 welcome');
          return true;
        case 'QUIT':
          this.#say(socket, verb, '221 bye');
          socket.end();
          return true;
        default:
          this.#say(socket, verb, '500 what?');
          return true;
      }
    };
    socket.on('data', onData);
  }
}

function addressIn(line: string): string {
  return /<([^>]*)>/u.exec(line)?.[1] ?? '';
}
