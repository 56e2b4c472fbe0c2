/** The visitor page in real Chromium, served by the real web server over a helpdesk in memory. */
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, afterEach, before } from 'node:test';
import { deflateSync, crc32 } from 'node:zlib';
import { silentLogger, systemClock } from '@chat-gateway/runtime';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Frame,
  type Page,
} from 'playwright-core';
import { createEmbeddedFiles } from '../../gateway/src/connectors/embedded/files/files.ts';
import { openSqlite } from '../../gateway/src/connectors/embedded/store/sqlite-database.ts';
import { createSqliteStore } from '../../gateway/src/connectors/embedded/store/sqlite-store.ts';
import type { StaffId, TenantId } from '../../gateway/src/helpdesk/model.ts';
import { limitsSchema } from '../../gateway/src/config/schema.ts';
import { createWebServer } from '../../gateway/src/web/server.ts';
import { MemorySite } from '../../gateway/src/web/testing/memory-site.ts';
import { memoryTenants } from '../../gateway/src/web/testing/memory-tenants.ts';

const SCREENS = join(import.meta.dirname, '../../artifacts/web');
const axeSource = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

export const desktop = { viewport: { width: 1280, height: 800 } } satisfies BrowserContextOptions;
export const phone = {
  viewport: { width: 360, height: 640 },
  hasTouch: true,
  isMobile: true,
  deviceScaleFactor: 2,
} satisfies BrowserContextOptions;

export const looks = {
  'desktop-light': { ...desktop, colorScheme: 'light' },
  'desktop-dark': { ...desktop, colorScheme: 'dark' },
  'phone-light': { ...phone, colorScheme: 'light' },
  'phone-dark': { ...phone, colorScheme: 'dark' },
} as const;

export interface BrowserStorage {
  /**
   * What frames of another site may keep: a part of their own, as in a browser that people use, or nothing, as with
   * the switches that Playwright sets.
   */
  readonly framesKeep: 'their own' | 'nothing';
}

export async function openBrowser({ framesKeep }: BrowserStorage = { framesKeep: 'their own' }): Promise<Browser> {
  return await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--headless',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-quic',
      // the last list counts: it takes the place of Playwright's, which takes frames their storage
      ...(framesKeep === 'their own' ? ['--disable-features=PaintHolding,MediaRouter,OptimizationHints'] : []),
    ],
  });
}

let sharedBrowser: Browser | undefined;

function shared(): Browser {
  if (sharedBrowser === undefined) throw new Error('this file opens no browser: call useBrowser() first');
  return sharedBrowser;
}

/** One browser for all tests of a file; what a test leaves open in it is closed after that test. */
export function useBrowser(): void {
  before(async () => {
    sharedBrowser = await openBrowser();
  });
  afterEach(async () => {
    await Promise.all(sharedBrowser?.contexts().map((context) => context.close()) ?? []);
  });
  after(async () => {
    await sharedBrowser?.close();
  });
}

/** The https address that files are given out under; pages ask for them where they come from themselves. */
export const PUBLIC_URL = 'https://chat.acme.example';

/** The web server on a port that stays the same over a restart, with the real store of files. */
export async function openHelpdesk(allowedOrigins: readonly string[] = []) {
  const site = new MemorySite(systemClock);
  const tenants = memoryTenants({
    domain: 'localhost',
    name: 'Acme Support',
    allowedOrigins: [...allowedOrigins],
    publicUrl: PUBLIC_URL,
  });
  const database = openSqlite(':memory:');
  const files = createEmbeddedFiles({
    store: createSqliteStore(database).files,
    tenants,
    clock: systemClock,
    log: silentLogger,
    random: (bytes) => randomBytes(bytes).toString('hex'),
  });
  site.fileAt = async (tenant, url) => await files.at(tenant, url);
  const make = () =>
    createWebServer({
      tenants,
      site,
      files,
      clock: systemClock,
      log: silentLogger,
      limits: limitsSchema.parse({ visitorStartsPerMinute: 1_000, visitorOpenChats: 1_000 }),
      trustedProxies: [],
    });
  let server = make();
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  return {
    site,
    files,
    port,
    url: `http://localhost:${port}`,
    /** From now on visitors may send files. */
    takeFiles(maxBytes?: number) {
      const rules = files.rules('localhost' as TenantId);
      site.files = rules && { ...rules, ...(maxBytes !== undefined && { maxBytes }) };
    },
    /** From now on nobody may. */
    refuseFiles() {
      tenants.refuseFiles('localhost');
      site.files = undefined;
    },
    /** A file that a staff user's app has uploaded. */
    async staffFile(name: string, type: string, content: Buffer) {
      const by = { is: 'staff', staff: 'jesse' as StaffId } as const;
      const tenant = 'localhost' as TenantId;
      const { putUrl, getUrl } = await files.slot(tenant, by, { name, type, size: content.length });
      const [, , , token = ''] = new URL(putUrl).pathname.split('/');
      await files.put(tenant, token, Readable.from([content]), content.length, type);
      const file = await files.at(tenant, getUrl);
      if (file === undefined) throw new Error('the file is not there');
      return file;
    },
    get sockets() {
      return server.sockets();
    },
    stop: async () => {
      await server.close();
    },
    /** For good. */
    async close() {
      await server.close();
      files.close();
      await database.close();
    },
    async start() {
      server = make();
      await server.listen({ host: '127.0.0.1', port });
    },
  };
}
export type OpenedHelpdesk = Awaited<ReturnType<typeof openHelpdesk>>;

/** A proxy that knows no upgrades: it answers them as plain requests and passes the rest on. */
export async function openOldProxy(
  target: number,
): Promise<{ port: number; upgrades: () => number; close: () => void }> {
  let upgrades = 0;
  const sockets = new Set<Socket>();
  const proxy = createTcpServer((client) => {
    const server = connect(target, '127.0.0.1');
    sockets.add(client);
    client.on('data', (data) => {
      if (/^upgrade: websocket/imu.test(data.toString('latin1'))) {
        upgrades += 1;
        client.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
      } else server.write(data);
    });
    server.pipe(client);
    for (const socket of [client, server]) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        client.destroy();
        server.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return {
    port: (proxy.address() as AddressInfo).port,
    upgrades: () => upgrades,
    close() {
      proxy.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** A website of somebody else's that shows what it is given. */
export async function openWebsite(
  html: (path: string) => string,
  policy?: () => string,
): Promise<{ server: Server; port: number }> {
  const server = createServer((request, response) => {
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    if (policy !== undefined) response.setHeader('Content-Security-Policy', policy());
    response.end(html(request.url ?? '/'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as AddressInfo).port };
}

/** A browser window whose every request, policy violation and error is noted. */
export async function openVisitor(options: BrowserContextOptions = desktop, browser = shared()) {
  const context: BrowserContext = await browser.newContext(options);
  const page: Page = await context.newPage();
  const complaints: string[] = [];
  const requested = new Set<string>();
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/Failed to load resource|WebSocket connection/u.test(message.text())) {
      complaints.push(`console: ${message.text()}`);
    }
  });
  page.on('request', (request) => requested.add(new URL(request.url()).origin));
  page.on('websocket', (socket) => requested.add(new URL(socket.url()).origin.replace(/^ws/u, 'http')));
  // told by the listener of page errors
  await context.addInitScript(
    `addEventListener('securitypolicyviolation', (event) => {
       throw new Error('policy: ' + event.violatedDirective + ' ' + event.blockedURI);
     });`,
  );
  return { context, page, complaints, requested };
}

/** Everything that axe-core finds, as readable lines. */
export async function findings(page: Page): Promise<string[]> {
  // the page's own policy lets no script in; an isolated world is not bound by it
  const session = await page.context().newCDPSession(page);
  const { frameTree } = await session.send('Page.getFrameTree');
  const { executionContextId: contextId } = await session.send('Page.createIsolatedWorld', {
    frameId: frameTree.frame.id,
    worldName: 'axe',
  });
  await session.send('Runtime.evaluate', { contextId, expression: await readFile(axeSource, 'utf8') });
  const { result, exceptionDetails } = await session.send('Runtime.evaluate', {
    contextId,
    awaitPromise: true,
    returnByValue: true,
    expression: `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
      .then(({ violations, passes }) => passes.length < 5 ? ['axe looked at nothing'] : violations.flatMap(({ id, nodes }) =>
        nodes.map(({ html, failureSummary }) => id + ': ' + html + ' ' + failureSummary)))`,
  });
  await session.detach();
  if (exceptionDetails !== undefined) throw new Error(exceptionDetails.text);
  return result.value as string[];
}

export async function screenshot(page: Page, name: string): Promise<void> {
  mkdirSync(SCREENS, { recursive: true });
  await page.screenshot({ path: join(SCREENS, `${name}.png`) });
}

/** A PNG picture of this size with a colour gradient. */
export function pngOf(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const ends = Buffer.alloc(8);
    ends.writeUInt32BE(data.length, 0);
    ends.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const row = (y: number) => [
    0,
    ...Array.from({ length: width }, (_, x) => [(x * 255) / width, (y * 255) / height, 160]),
  ];
  const pixels = Buffer.from(Array.from({ length: height }, (_, y) => row(y).flat()).flat());
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(pixels)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Resolves when the condition holds; says what was waited for when it never does. */
export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + 15_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

/** Fills the start form and sends it. */
export async function startChat(page: Page | Frame, question = 'Where is my order?'): Promise<void> {
  await page.getByLabel('Your name').fill('Chris');
  await page.getByLabel('Email').fill('chris@example.com');
  await page.getByLabel('Your question').fill(question);
  await page.getByRole('button', { name: 'Start chat' }).click();
  await page.getByRole('log').getByText(question).waitFor();
}
