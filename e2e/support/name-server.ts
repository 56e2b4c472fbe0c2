import { createSocket } from 'node:dgram';
import { once } from 'node:events';

const A = 1;
const SRV = 33;
const HEADER = 12;
const NO_SUCH_NAME = 3;

export interface Service {
  /** As in `_xmpp-client._tcp.acme.chat.test`. */
  readonly name: string;
  readonly target: string;
  readonly port: number;
}

export interface NameServer {
  /** Where it answers, on port 53. */
  readonly address: string;
  stop(): Promise<void>;
}

/**
 * A name server of a few names, on loopback, for apps that have no field for a server and a port: they ask for SRV
 * records [RFC6120 §3.2.1] [XEP-0368 §3]. Everything else does not exist.
 */
export async function startNameServer(hosts: readonly string[], services: readonly Service[]): Promise<NameServer> {
  const socket = createSocket('udp4');
  socket.on('message', (question, from) => {
    const answer = answerTo(question, hosts, services);
    if (answer !== undefined) socket.send(answer, from.port, from.address);
  });
  // any address of 127/8 is loopback: one of its own meets neither a server of the machine nor another run
  const address = `127.53.${process.pid & 255}.${(process.pid >> 8) & 255 || 1}`;
  socket.bind(53, address);
  await once(socket, 'listening');
  return {
    address,
    async stop() {
      socket.close();
      await once(socket, 'close');
    },
  };
}

/** [RFC1035 §4.1] */
function answerTo(question: Buffer, hosts: readonly string[], services: readonly Service[]): Buffer | undefined {
  const asked = readQuestion(question);
  if (asked === undefined) return undefined;
  const { name, type, end } = asked;
  const known = hosts.includes(name) || services.some((service) => service.name === name);
  const data: Buffer[] = [];
  if (type === A && hosts.includes(name)) data.push(Buffer.from([127, 0, 0, 1]));
  if (type === SRV) data.push(...services.filter((one) => one.name === name).map(serviceData));

  const header = Buffer.alloc(HEADER);
  question.copy(header, 0, 0, 2);
  // an authoritative answer, with recursion as it was asked for
  header.writeUInt16BE(0x84_80 | (question.readUInt16BE(2) & 0x01_00) | (known ? 0 : NO_SUCH_NAME), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(data.length, 6);
  const records = data.flatMap((one) => {
    const head = Buffer.alloc(12);
    // the name of the question
    head.writeUInt16BE(0xc0_00 | HEADER, 0);
    head.writeUInt16BE(type, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt32BE(60, 6);
    head.writeUInt16BE(one.length, 10);
    return [head, one];
  });
  return Buffer.concat([header, question.subarray(HEADER, end), ...records]);
}

function readQuestion(question: Buffer): { name: string; type: number; end: number } | undefined {
  const labels: string[] = [];
  let at = HEADER;
  for (;;) {
    const length = question[at];
    if (length === undefined || length > 63) return undefined;
    if (length === 0) break;
    labels.push(question.toString('latin1', at + 1, at + 1 + length).toLowerCase());
    at += 1 + length;
  }
  if (question.length < at + 5) return undefined;
  return { name: labels.join('.'), type: question.readUInt16BE(at + 1), end: at + 5 };
}

/** [RFC2782] */
function serviceData({ target, port }: Service): Buffer {
  const numbers = Buffer.alloc(6);
  numbers.writeUInt16BE(5, 2);
  numbers.writeUInt16BE(port, 4);
  const labels = target
    .split('.')
    .map((label) => Buffer.from(`${String.fromCodePoint(label.length)}${label}`, 'latin1'));
  return Buffer.concat([numbers, ...labels, Buffer.from([0])]);
}
