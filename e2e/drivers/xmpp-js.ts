import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { bareEnvironment, start } from '../support/program.ts';
import { until } from '../support/wait.ts';
import type { Account, AppPlace, StaffApp } from './staff-app.ts';
import type { Asked, Seen } from './xmpp-js-app.ts';

export interface XmppJs extends StaffApp {
  readonly seen: readonly Seen[];
  /** Resolves when the stream has been resumed this often. */
  seesResumption(times: number): Promise<void>;
}

export interface XmppJsOptions {
  readonly directTls?: boolean;
  readonly resource?: string;
}

/** `@xmpp/client` with stream management, in a process of its own that trusts one authority more than Node does. */
export async function startXmppJs(account: Account, place: AppPlace, options: XmppJsOptions = {}): Promise<XmppJs> {
  const folder = join(place.folder, 'xmpp-js');
  await mkdir(folder, { recursive: true });
  const [username = '', domain = ''] = account.jid.split('@');
  const service = `${options.directTls === true ? 'xmpps' : 'xmpp'}://${account.server}:${account.port}`;
  const app = join(import.meta.dirname, 'xmpp-js-app.ts');
  const resource = options.resource ?? 'xmpp-js';
  const program = start([...place.surroundings.command, process.execPath, app, service, domain, username, resource], {
    env: bareEnvironment(folder, { NODE_EXTRA_CA_CERTS: place.trusted, PASSWORD: account.password }),
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    log: join(folder, 'stderr.log'),
  });
  const seen: Seen[] = [];
  let said = 0;
  program.child.on('message', (message) => seen.push(message as Seen));
  const ask = (asked: Asked): void => void program.child.send(asked);
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
    name: '@xmpp/client',
    shows: {
      login: 'event `online`; CA in `NODE_EXTRA_CA_CERTS`, SASL PLAIN',
      teams: 'roster',
      request: 'two message stanzas',
      reply: 'a message stanza',
      moved: 'roster push',
      typingToPage: '`<composing/>`',
      typingInApp: '`<composing/>`',
      card: 'vcard-temp',
      end: 'roster push (remove)',
      fileOut: 'slot of XEP-0363, PUT with `fetch`, XEP-0066',
      fileIn: 'XEP-0066',
      edit: 'XEP-0308, XEP-0424',
      react: 'XEP-0444, XEP-0461',
      menu: 'XEP-0050',
      archive: 'XEP-0313',
    },
    seen,
    async seesLogin() {
      await see('@xmpp/client is online', () => seen.some((one) => one.is === 'online'));
    },
    seesDistrust: () =>
      see('@xmpp/client refuses the certificate', () => {
        const error = seen.find((one) => one.is === 'error');
        return error?.text;
      }),
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
      await see(`the card of ${jid} shows ${part}`, () =>
        seen.some((one) => one.is === 'card' && one.from === jid && one.text.includes(part)),
      );
    },
    saidAt: (jid, text) => {
      const stamp = messages().find((message) => message.from === jid && message.text === text)?.stamp;
      return typeof stamp === 'string' ? Date.parse(stamp) : undefined;
    },
    async says(to, text) {
      ask({ do: 'say', to, text, id: `said-${(said += 1)}` });
    },
    async corrects(to, right) {
      const about = { is: 'correction', of: `said-${said}` } as const;
      ask({ do: 'say', to, text: right, id: `said-${(said += 1)}`, about });
    },
    async takesBack(to) {
      const about = { is: 'retraction', of: `said-${said}` } as const;
      ask({ do: 'say', to, text: 'took back a message', id: `said-${(said += 1)}`, about });
    },
    async reacts(to, text, emoji) {
      ask({ do: 'react', to, of: idOf(to, text), emoji });
    },
    async answers(to, text, answer) {
      const about = { is: 'reply', of: idOf(to, text), quote: text } as const;
      ask({ do: 'say', to, text: answer, id: `said-${(said += 1)}`, about });
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
