/** Whole chats over the web API, as pages have them: asked, answered, ten lines each way, ended. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { Figure } from './figures.ts';
import { inParallel, type LoadApp, logInAll } from './load-app.ts';
import { accounts, domainOf, TEAM } from './population.ts';
import { startGateway, type Target } from './targets.ts';

const TENANTS = 10;
const CHATS = 100;
const AT_ONCE = 20;
const LINES = 10;
const REPEATS = 5;
/** Visitors that wait, for the memory of one. */
const WAITING = 1_500;
const WARM_UP = 500;
const CHAT_WITHIN = 60_000;

let visitors = 0;

/** A visitor's page, at an address of its own. */
class Page {
  readonly #port: number;
  readonly #agent: Agent;
  readonly #domain: string;
  readonly #headers: Record<string, string>;
  #ticket = '';
  #socket: WebSocket | undefined;
  /** Lines that staff have said. */
  onLine: () => void = () => undefined;

  constructor(port: number, agent: Agent, domain: string) {
    const number = visitors++;
    this.#port = port;
    this.#agent = agent;
    this.#domain = domain;
    this.#headers = {
      origin: `http://127.0.0.1:${port}`,
      'x-forwarded-for': `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`,
    };
  }

  async start(): Promise<void> {
    const answer = await this.#call('start', {
      messageId: randomUUID(),
      name: 'Chris',
      team: 'sales',
      question: 'Where is my order 4711? It should have been here on Monday.',
      page: { url: 'https://www.acme.example/shop', language: 'en' },
    });
    const { ticket } = JSON.parse(answer) as { ticket: string };
    this.#ticket = ticket;
    const socket = new WebSocket(`ws://127.0.0.1:${this.#port}/api/${this.#domain}/socket`, { headers: this.#headers });
    this.#socket = socket;
    socket.on('message', (data: Buffer) => {
      const { view } = JSON.parse(data.toString()) as { view?: { lines: { from: { is: string } }[] } };
      for (const { from } of view?.lines ?? []) if (from.is === 'staff') this.onLine();
    });
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'hello', ticket, after: 0 }));
  }

  async say(text: string): Promise<void> {
    await this.#call('say', { messageId: randomUUID(), text });
  }

  async end(): Promise<void> {
    await this.#call('end', {});
    this.#socket?.terminate();
  }

  close(): void {
    this.#socket?.terminate();
  }

  async #call(verb: string, body: object): Promise<string> {
    const text = JSON.stringify(body);
    const authorization = this.#ticket === '' ? {} : { authorization: `Ticket ${this.#ticket}` };
    const headers = { ...this.#headers, ...authorization, 'content-type': 'application/json' };
    const path = `/api/${this.#domain}/${verb}`;
    const call = request({ host: '127.0.0.1', port: this.#port, agent: this.#agent, method: 'POST', path, headers });
    call.end(text);
    const [response] = (await once(call, 'response')) as [NodeJS.ReadableStream & { statusCode?: number }];
    let said = '';
    for await (const part of response) said += String(part);
    if (response.statusCode !== 200) throw new Error(`${verb}: ${response.statusCode} ${said}`);
    return said;
  }
}

/** Answers every line of a visitor, and takes no notice of notices. */
function answerAll(app: LoadApp): void {
  app.onMessage = (stanza) => {
    const [, from = ''] = /\sfrom=['"]([^'"]*@visitors\.[^'"]*)/u.exec(stanza) ?? [];
    const [, body = ''] = /<body>([^<]*)/u.exec(stanza) ?? [];
    if (from === '' || !/^(?:Where|line)/u.test(body)) return;
    app.send(
      `<message to='${from}' type='chat' id='a${visitors}-${body.slice(-3)}'><body>I have a look, one moment please.</body></message>`,
    );
  };
}

async function chat(page: Page): Promise<void> {
  let said = 0;
  const late = new AbortController();
  const whole = new Promise<void>((resolve, reject) => {
    page.onLine = () => {
      if (said === LINES) resolve();
      else page.say(`line ${++said}`).catch(reject);
    };
  });
  try {
    await page.start();
    const limit = sleep(CHAT_WITHIN, undefined, { signal: late.signal }).then(() => {
      throw new Error(`a chat stood still after ${said} lines`);
    });
    limit.catch(() => undefined);
    await Promise.race([whole, limit]);
    await page.end();
  } finally {
    late.abort();
    page.close();
  }
}

interface Scene {
  readonly server: Target['server'];
  readonly apps: readonly LoadApp[];
  readonly newPage: (number: number) => Page;
}

/** A gateway whose staff are all online. */
async function withStaff<T>(run: (scene: Scene) => Promise<T>): Promise<T> {
  const target = await startGateway(TENANTS, 'cheap');
  const { server, ports } = target;
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const apps: LoadApp[] = [];
  const pages: Page[] = [];
  const newPage = (number: number): Page => {
    const page = new Page(ports.web ?? 0, agent, domainOf(number % TENANTS));
    pages.push(page);
    return page;
  };
  try {
    apps.push(...(await logInAll({ port: ports.tls, tls: true }, accounts(TENANTS * TEAM), 'online')));
    await sleep(1_000);
    return await run({ server, apps, newPage });
  } finally {
    for (const page of pages) page.close();
    for (const app of apps) app.destroy();
    agent.destroy();
    await target.stop();
  }
}

const numbers = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, at) => from + at);

async function chatsPerCpuSecond({ server, apps, newPage }: Scene): Promise<number[]> {
  for (const app of apps) answerAll(app);
  const values: number[] = [];
  for (let round = 0; round <= REPEATS; round++) {
    const before = server.cpu();
    await inParallel(numbers(0, CHATS), AT_ONCE, (number) => chat(newPage(number)));
    if (round > 0) values.push(CHATS / (server.cpu() - before));
  }
  return values;
}

/** Nobody answers. */
async function waitingMemory({ server, newPage }: Scene): Promise<number[]> {
  const wait = (from: number, to: number) =>
    inParallel(numbers(from, to), AT_ONCE, (number) => newPage(number).start());
  await wait(0, WARM_UP);
  const before = await server.memory();
  await wait(WARM_UP, WAITING);
  return [((await server.memory()) - before) / (WAITING - WARM_UP) / 1_024];
}

export async function benchVisitors(): Promise<Figure[]> {
  return [
    {
      what: 'visitor chats of 22 lines',
      of: 'gateway',
      unit: 'chats/CPU-s',
      values: await withStaff(chatsPerCpuSecond),
    },
    { what: 'memory of a waiting visitor', of: 'gateway', unit: 'KiB', values: await withStaff(waitingMemory) },
  ];
}
