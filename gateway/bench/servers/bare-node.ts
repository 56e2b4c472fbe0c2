/**
 * The yardstick: Node alone moves the same bytes. Stanza ends are looked for and nothing is checked; logins are
 * answered by rote; a message goes to the socket that its `to` names, as long as the gateway makes it and with the
 * request for an acknowledgement; what one turn of the event loop made is written at once. Arguments: folder, plain port, TLS port.
 */
import { readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { StanzaScanner } from '../stanza-scanner.ts';

const [folder = '', plainPort = '', tlsPort = ''] = process.argv.slice(2);
const REQUEST = "<r xmlns='urn:xmpp:sm:3'/>";
const HEADER =
  "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0' id='0123456789abcdef'>";
const BEFORE = `${HEADER}<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms></stream:features>`;
const AFTER = `${HEADER}<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><sm xmlns='urn:xmpp:sm:3'/></stream:features>`;

const online = new Map<string, Writer>();
let dirty: Writer[] = [];

class Writer {
  readonly #socket: Socket;
  #text = '';

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  write(text: string): void {
    if (this.#text === '') {
      if (dirty.length === 0) setImmediate(flush);
      dirty.push(this);
    }
    this.#text += text;
  }

  flush(): void {
    this.#socket.write(this.#text, 'latin1');
    this.#text = '';
  }
}

function flush(): void {
  const all = dirty;
  dirty = [];
  for (const writer of all) writer.flush();
}

function valueOf(stanza: string, name: string): string {
  const from = stanza.indexOf(` ${name}='`) + name.length + 3;
  return stanza.slice(from, stanza.indexOf("'", from));
}

/** The same bytes that the gateway writes: another sender, the stanza's id, and no hint for servers. */
function passedOn(stanza: string, from: string, to: string): string {
  const said = stanza.slice(stanza.indexOf('>') + 1, stanza.indexOf('<no-store'));
  return `<message type='chat' from='${from}/helpdesk' to='${to}/load' id='${valueOf(stanza, 'id')}'>${said}<stanza-id xmlns='urn:xmpp:sid:0' by='${to}' id='0123456789abcdef-1000'/></message>${REQUEST}`;
}

function serve(socket: Socket): void {
  const writer = new Writer(socket);
  let address = '';
  let domain = '';
  const scanner = new StanzaScanner((stanza) => {
    if (stanza.startsWith('<message')) {
      const to = valueOf(stanza, 'to');
      online.get(to)?.write(passedOn(stanza, address, to));
    } else if (stanza.startsWith('<auth')) {
      const [, username = ''] = Buffer.from(stanza.slice(stanza.indexOf('>') + 1, -7), 'base64')
        .toString()
        .split('\0');
      address = `${username}@${domain}`;
      writer.write("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
      scanner.restart();
    } else if (stanza.startsWith('<enable')) {
      writer.write("<enabled xmlns='urn:xmpp:sm:3' resume='true' id='0123456789abcdef'/>");
    } else if (stanza.startsWith('<iq')) {
      online.set(address, writer);
      writer.write(`<iq type='result' id='${valueOf(stanza, 'id')}'/>`);
    }
  });
  socket.setEncoding('latin1').on('data', (text: string) => {
    if (text.includes('<stream:stream')) {
      domain = valueOf(text, 'to');
      writer.write(address === '' ? BEFORE : AFTER);
    }
    scanner.feed(text);
  });
  socket.on('end', () => socket.end());
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    if (online.get(address) === writer) online.delete(address);
  });
}

createServer({ noDelay: true }, serve).listen(Number(plainPort), '127.0.0.1');
const pem = (name: string): string => readFileSync(join(folder, name), 'latin1');
createTlsServer({ noDelay: true, cert: pem('bench.crt'), key: pem('bench.key') }, serve).listen(
  Number(tlsPort),
  '127.0.0.1',
);
process.once('SIGTERM', () => process.exit(0));
