import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { ManualClock, silentLogger } from '@chat-gateway/runtime';
import { WebSocket } from 'ws';
import { limitsSchema } from '../../config/schema.ts';
import { createWebServer, type WebServerDeps } from '../server.ts';
import type { Frame } from '../visits.ts';
import { MemorySite } from './memory-site.ts';
import { memoryTenants } from './memory-tenants.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  json(): { [key: string]: unknown; error?: { code: string; text: string; field?: string; retryAfterMs?: number } };
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export const uuid = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
export const question = {
  messageId: uuid(1),
  name: 'Chris',
  email: 'chris@example.com',
  team: 'sales',
  question: 'Where is my order?',
  page: { url: 'https://shop.example/cart', title: 'Cart' },
};

/** A page's socket as a test uses it. */
export async function openSocket(url: string, origin: string) {
  const socket = new WebSocket(url, { origin });
  const received: ({ type: string } & Partial<Frame>)[] = [];
  let wake: () => void = () => undefined;
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => {
      resolve({ code, reason: reason.toString() });
      wake();
    });
  });
  socket.on('message', (data: Buffer) => {
    received.push(JSON.parse(data.toString()) as (typeof received)[number]);
    wake();
  });
  await once(socket, 'open');
  return {
    socket,
    received,
    closed,
    say(message: unknown) {
      socket.send(typeof message === 'string' ? message : JSON.stringify(message));
    },
    /** Resolves when what was received fulfils the condition. */
    async until(condition: (messages: typeof received) => boolean, what: string) {
      const deadline = AbortSignal.timeout(5_000);
      while (!condition(received)) {
        if (socket.readyState === WebSocket.CLOSED) throw new Error(`closed before ${what}`);
        if (deadline.aborted) throw new Error(`no ${what}: ${JSON.stringify(received)}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
          deadline.addEventListener('abort', () => {
            resolve();
          });
        });
      }
    },
    /** Texts of all lines received, in order. */
    texts: () => received.flatMap(({ view }) => view?.lines.map(({ text }) => text) ?? []),
  };
}

/** A web server on a free port, with a helpdesk in memory and a clock that stands still. */
export async function openWeb(given: Partial<WebServerDeps> & { domains?: readonly string[] } = {}) {
  const clock = new ManualClock();
  const site = new MemorySite(clock);
  const tenants = memoryTenants(...(given.domains ?? ['localhost']).map((domain) => ({ domain })));
  const server = createWebServer({
    tenants,
    site,
    clock,
    log: silentLogger,
    limits: limitsSchema.parse({}),
    trustedProxies: [],
    ...given,
  });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0, tls: given.https !== undefined });
  const origin = `http://127.0.0.1:${port}`;

  const ask = async (path: string, { method = 'GET', headers = {}, body }: Asked = {}): Promise<Answer> => {
    const request = httpRequest({ host: '127.0.0.1', port, path, method, headers, agent: false });
    request.end(body);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      text,
      json: () => JSON.parse(text) as ReturnType<Answer['json']>,
    };
  };
  const call = async (verb: string, body: unknown, more: { ticket?: string; headers?: Asked['headers'] } = {}) =>
    await ask(`/api/localhost/${verb}`, {
      method: 'POST',
      body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
      headers: {
        origin,
        'content-type': 'application/json',
        ...(more.ticket !== undefined && { authorization: `Ticket ${more.ticket}` }),
        ...more.headers,
      },
    });

  return {
    clock,
    site,
    tenants,
    server,
    port,
    origin,
    ask,
    call,
    async start(number = 1): Promise<string> {
      const answer = await call('start', { ...question, messageId: uuid(number) });
      return answer.json()['ticket'] as string;
    },
    socket: async () => await openSocket(`ws://127.0.0.1:${port}/api/localhost/socket`, origin),
    /** Sends bytes as they are and returns what came back until the other side closed. */
    async raw(bytes: string | Buffer, end = false): Promise<string> {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      const chunks: Buffer[] = [];
      socket.on('data', (chunk: Buffer) => chunks.push(chunk));
      socket.write(bytes);
      if (end) socket.end();
      await once(socket, 'close');
      return Buffer.concat(chunks).toString();
    },
    [Symbol.asyncDispose]: async () => {
      await server.close();
    },
  };
}
export type Web = Awaited<ReturnType<typeof openWeb>>;
