import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { bareEnvironment, start } from '../support/program.ts';
import { until } from '../support/wait.ts';
import type { Account, AppPlace, StaffApp } from './staff-app.ts';

/** What `slixmpp-app.py` writes. */
export type Seen =
  | { readonly is: 'online'; readonly jid: string }
  | { readonly is: 'resumed' }
  | { readonly is: 'error'; readonly text: string }
  | { readonly is: 'roster'; readonly jid: string; readonly name: string; readonly groups: readonly string[] }
  | { readonly is: 'roster-removed'; readonly jid: string }
  | {
      readonly is: 'message';
      readonly from: string;
      readonly text: string;
      readonly id: string;
      readonly stamp: string | null;
    }
  | { readonly is: 'menu'; readonly of: string; readonly command: string; readonly text: string }
  | { readonly is: 'card'; readonly from: string; readonly kind: 'vcard-temp' | 'vcard4'; readonly text: string }
  | { readonly is: 'chat-state'; readonly from: string; readonly state: string };

type Asked = { readonly to: string } & (
  | { readonly do: 'say'; readonly text: string; readonly id: string; readonly replaces?: string }
  | { readonly do: 'type' | 'card' | 'archive' }
  | { readonly do: 'take-back'; readonly of: string }
  | { readonly do: 'react'; readonly of: string; readonly emoji: string }
  | { readonly do: 'answer'; readonly of: string; readonly text: string }
  | { readonly do: 'upload'; readonly file: string }
  | { readonly do: 'run'; readonly command: string; readonly values: Readonly<Record<string, string>> }
);

export interface Slixmpp extends StaffApp {
  readonly seen: readonly Seen[];
  /** Resolves when the stream has been resumed this often. */
  seesResumption(times: number): Promise<void>;
}

export interface SlixmppOptions {
  readonly directTls?: boolean;
}

/** slixmpp with stream management and carbons, in a Python process that trusts one authority only. */
export async function startSlixmpp(account: Account, place: AppPlace, options: SlixmppOptions = {}): Promise<Slixmpp> {
  const folder = join(place.folder, 'slixmpp');
  await mkdir(folder, { recursive: true });
  const command = [
    // the system's own: another Python of the path does not have Debian's package
    '/usr/bin/python3',
    join(import.meta.dirname, 'slixmpp-app.py'),
    `${account.jid}/slixmpp`,
    String(account.port),
    place.trusted,
    options.directTls === true ? 'direct-tls' : 'starttls',
  ];
  const program = start([...place.surroundings.command, ...command], {
    env: bareEnvironment(folder, { PASSWORD: account.password }),
    stdio: ['pipe', 'pipe', 'pipe'],
    log: join(folder, 'stderr.log'),
  });
  const { stdin, stdout } = program.child;
  if (stdin === null || stdout === null) throw new Error('slixmpp has no pipes');
  const seen: Seen[] = [];
  stdin.on('error', () => undefined);
  createInterface({ input: stdout }).on('line', (line) => seen.push(JSON.parse(line) as Seen));
  let said = 0;
  const ask = (asked: Asked): void => void stdin.write(`${JSON.stringify(asked)}\n`);
  const screen = (): string =>
    seen
      .slice(-60)
      .map((one) => JSON.stringify(one))
      .join('\n');
  const see = <T>(what: string, probe: () => T | undefined | false): Promise<T> => until(what, probe, { screen });
  const last = (jid: string): Seen | undefined =>
    seen.findLast((one) => (one.is === 'roster' || one.is === 'roster-removed') && one.jid === jid);
  const messages = () => seen.filter((one) => one.is === 'message');
  const idOf = (from: string, text: string): string =>
    messages().findLast((message) => message.from === from && message.text === text)?.id ?? '';

  return {
    name: 'slixmpp',
    shows: {
      login: 'event `session_start`; CA in `ca_certs`, SASL PLAIN',
      teams: 'roster',
      request: 'two message stanzas',
      reply: 'a message stanza',
      moved: 'roster push',
      typingToPage: '`<composing/>`',
      typingInApp: 'event `chatstate_composing`',
      card: 'vcard-temp and vCard4',
      end: 'roster push (remove)',
      fileOut: 'slot of XEP-0363, PUT with `urllib`, `xep_0066`',
      fileIn: 'body and `xep_0066`',
      edit: '`xep_0308`, `xep_0424`',
      react: '`xep_0444`, `xep_0461`',
      menu: '`xep_0050`, forms by `xep_0004`',
      archive: '`xep_0313`',
    },
    seen,
    async seesLogin() {
      await see('slixmpp is online', () => seen.some((one) => one.is === 'online'));
    },
    seesDistrust: () => see('slixmpp refuses the certificate', () => seen.find((one) => one.is === 'error')?.text),
    async seesResumption(times) {
      await see('the stream is resumed', () => seen.filter((one) => one.is === 'resumed').length >= times);
    },
    async seesInGroup(group, jid) {
      await see(`${jid} in the group ${group}`, () => {
        const item = last(jid);
        return item?.is === 'roster' && item.groups.includes(group);
      });
    },
    async seesGone(jid) {
      await see(`${jid} has left`, () => last(jid)?.is === 'roster-removed');
    },
    seesText: (text) =>
      see(`a message with "${text}"`, () => messages().find((message) => message.text.includes(text))?.from),
    textsFrom: (jid) => messages().flatMap((message) => (message.from === jid ? [message.text] : [])),
    async seesTyping(jid) {
      await see(`${jid} types`, () =>
        seen.some((one) => one.is === 'chat-state' && one.from === jid && one.state === 'composing'),
      );
    },
    async seesInCard(jid, part) {
      ask({ do: 'card', to: jid });
      for (const kind of ['vcard-temp', 'vcard4']) {
        await see(`the ${kind} of ${jid} shows ${part}`, () =>
          seen.some((one) => one.is === 'card' && one.kind === kind && one.from === jid && one.text.includes(part)),
        );
      }
    },
    saidAt: (jid, text) => {
      const stamp = messages().find((message) => message.from === jid && message.text === text)?.stamp;
      return typeof stamp === 'string' ? Date.parse(stamp) : undefined;
    },
    async says(to, text) {
      ask({ do: 'say', to, text, id: `said-${(said += 1)}` });
    },
    async corrects(to, right) {
      const replaces = `said-${said}`;
      ask({ do: 'say', to, text: right, id: `said-${(said += 1)}`, replaces });
    },
    async takesBack(to) {
      ask({ do: 'take-back', to, of: `said-${said}` });
    },
    async reacts(to, text, emoji) {
      ask({ do: 'react', to, of: idOf(to, text), emoji });
    },
    async answers(to, text, answer) {
      ask({ do: 'answer', to, of: idOf(to, text), text: answer });
    },
    async asksArchive(jid) {
      ask({ do: 'archive', to: jid });
    },
    async sendsFile(to, file) {
      ask({ do: 'upload', to, file });
    },
    async runsFromMenu(of, { command, values = {} }) {
      const before = seen.length;
      ask({ do: 'run', to: of, command, values });
      const shown = await see(`what came of ${command}`, () =>
        seen.slice(before).find((one) => one.is === 'menu' && one.of === of && one.command === command),
      );
      return shown.is === 'menu' ? shown.text : '';
    },
    async types(to) {
      ask({ do: 'type', to });
    },
    screen,
    stop: () => program.kill(),
  };
}
