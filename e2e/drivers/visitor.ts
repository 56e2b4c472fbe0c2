import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { Authority } from '../support/certificates.ts';
import { DOMAIN, type Ports } from '../support/helpdesk.ts';
import { bareEnvironment } from '../support/program.ts';
import { until } from '../support/wait.ts';

const run = promisify(execFile);

/** What the visitor sits at. */
export interface Window {
  readonly size: 'desktop' | 'phone';
  /** False: the plain-HTTP page, which is not a secure context for the browser. */
  readonly tls: boolean;
}

const SIZES = {
  desktop: { viewport: { width: 1280, height: 800 } },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
} as const;

/** A person at the chat page, in Chromium. */
export interface Visitor {
  readonly page: Page;
  asks(name: string, team: string, question: string, email?: string): Promise<void>;
  leavesMessage(name: string, email: string, team: string, text: string): Promise<void>;
  says(text: string): Promise<void>;
  /** Types and does not send. */
  types(text: string): Promise<void>;
  sees(text: string | RegExp): Promise<void>;
  /** Resolves when a line is in the chat for good, not only on its way. */
  seesStored(text: string): Promise<void>;
  /** Lines that are in the chat for good, in order. */
  texts(): Promise<readonly string[]>;
  /** Keeps a picture of the page as it is now. */
  keep(state: string): Promise<void>;
  screen(): Promise<string>;
}

export interface OpenBrowser {
  open(ports: Ports, window?: Partial<Window>): Promise<Visitor>;
  stop(): Promise<void>;
}

export interface BrowserOptions {
  /** The browser's home folder. */
  readonly folder: string;
  /** Whom it trusts, besides those that it brings. */
  readonly authority: Authority;
  /** Where pictures are kept. */
  readonly screens: string;
}

export async function openBrowser({ folder, authority, screens }: BrowserOptions): Promise<OpenBrowser> {
  const store = join(folder, '.pki', 'nssdb');
  await mkdir(store, { recursive: true });
  await mkdir(screens, { recursive: true });
  await run('certutil', ['-d', `sql:${store}`, '-N', '--empty-password']);
  await run('certutil', ['-d', `sql:${store}`, '-A', '-t', 'C,,', '-n', 'test', '-i', authority.certificate]);
  const browser: Browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    env: bareEnvironment(folder),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-quic',
      `--host-resolver-rules=MAP ${DOMAIN} 127.0.0.1`,
    ],
  });
  return {
    async open(ports, { size = 'desktop', tls = true } = {}) {
      const context = await browser.newContext({ ...SIZES[size], locale: 'en-GB', timezoneId: 'UTC' });
      const page = await context.newPage();
      await page.goto(tls ? `https://${DOMAIN}:${ports.webTls}/` : `http://${DOMAIN}:${ports.web}/`);
      await page.getByLabel('Your name').waitFor();
      return visitorAt(page, (state) => join(screens, `${state}-${size}.png`));
    },
    stop: () => browser.close(),
  };
}

function visitorAt(page: Page, picture: (state: string) => string): Visitor {
  page.setDefaultTimeout(15_000);
  const screen = (): Promise<string> => page.locator('body').innerText();
  const message = page.getByRole('textbox', { name: 'Write a message' });
  const stored = page.getByRole('log').locator('ol:not(.pending) > li');
  return {
    page,
    screen,
    async asks(name, team, question, email) {
      const form = page.getByLabel('Who is it for?');
      await until(
        `${team} can be asked`,
        async () => {
          await form.waitFor();
          if ((await form.getByRole('option', { name: team, exact: true }).count()) > 0) return true;
          await page.reload();
          return false;
        },
        { screen },
      );
      await page.getByLabel('Your name').fill(name);
      await form.selectOption({ label: team });
      if (email !== undefined) await page.getByLabel('Email').fill(email);
      await page.getByLabel('Your question').fill(question);
      await page.getByRole('button', { name: 'Start chat' }).click();
    },
    async leavesMessage(name, email, team, text) {
      await page.getByLabel('Your name').fill(name);
      await page.getByLabel('Who is it for?').selectOption({ label: `${team} (leave a message)` });
      await page.getByLabel('Email').fill(email);
      await page.getByLabel('Your message').fill(text);
      await page.getByRole('button', { name: 'Send message' }).click();
    },
    async says(text) {
      await message.fill(text);
      await page.getByRole('button', { name: 'Send', exact: true }).click();
    },
    async types(text) {
      await message.pressSequentially(text);
    },
    async sees(text) {
      const matches = (shown: string): boolean => (typeof text === 'string' ? shown.includes(text) : text.test(shown));
      await until(`the page shows ${String(text)}`, async () => matches(await screen()), { screen });
    },
    async seesStored(text) {
      await until(`the page has stored "${text}"`, async () => (await stored.filter({ hasText: text }).count()) > 0, {
        screen,
      });
    },
    texts: () => stored.allInnerTexts(),
    async keep(state) {
      await page.screenshot({ path: picture(state) });
    },
  };
}
