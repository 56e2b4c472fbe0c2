/** A mail server that keeps what it is given, on a port of its own. */
import { createServer, type Server, type Socket } from 'node:net';

export interface KeptMail {
  readonly from: string;
  readonly to: readonly string[];
  /** Headers and text as they came. */
  readonly data: string;
}

export class SmtpServer {
  readonly mails: KeptMail[] = [];
  /** Recipients that it does not take. */
  readonly refused = new Set<string>();
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor() {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', () => undefined);
      this.#serve(socket);
    });
  }

  listen(): Promise<number> {
    return new Promise((resolve) => {
      this.#server.listen(0, '127.0.0.1', () => {
        const address = this.#server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
  }

  #serve(socket: Socket): void {
    let buffer = '';
    let from = '';
    let to: string[] = [];
    let isData = false;
    const say = (line: string) => socket.write(`${line}\r\n`);
    const address = (line: string) => /<([^>]*)>/u.exec(line)?.[1] ?? '';
    say('220 mail.test ESMTP');
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      buffer += chunk;
      for (;;) {
        if (isData) {
          const end = buffer.indexOf('\r\n.\r\n');
          if (end < 0) return;
          this.mails.push({ from, to, data: buffer.slice(0, end) });
          buffer = buffer.slice(end + 5);
          isData = false;
          say('250 kept');
          continue;
        }
        const end = buffer.indexOf('\r\n');
        if (end < 0) return;
        const line = buffer.slice(0, end);
        buffer = buffer.slice(end + 2);
        const verb = line.slice(0, 4).toUpperCase();
        if (verb === 'EHLO' || verb === 'HELO') say('250 mail.test');
        else if (verb === 'MAIL') {
          from = address(line);
          to = [];
          say('250 go on');
        } else if (verb === 'RCPT') {
          if (this.refused.has(address(line))) say('550 nobody here');
          else {
            to.push(address(line));
            say('250 go on');
          }
        } else if (verb === 'DATA') {
          isData = true;
          say('354 go on');
        } else if (verb === 'QUIT') {
          say('221 bye');
          socket.end();
        } else say('250 so be it');
      }
    });
  }
}
