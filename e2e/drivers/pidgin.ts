import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Desktop, onDesktop } from '../support/desktop.ts';
import { until } from '../support/wait.ts';
import type { Account, AppPlace, StaffApp } from './staff-app.ts';

const SERVICE = 'im.pidgin.purple.PurpleService';
const OBJECT = '/im/pidgin/purple/PurpleObject';
const INTERFACE = 'im.pidgin.purple.PurpleInterface';
const LIST = 'Buddy List';
const CARD = 'Buddy Information';
/** Title of an open menu. */
const MENU = 'Pidgin';
/** Entries of its own, above those of the contact: “Cancel Presence Notification” and “Unsubscribe”. */
const OWN_ENTRIES = 2;
const COMPOSING = 1;
/** Flag of a line in a conversation that came from the contact. */
const RECEIVED = 2;

export interface Pidgin extends StaffApp {
  readonly desktop: Desktop;
  /** Resolves when its connection is lost; it would log in again by itself after 8 to 60 seconds. */
  seesLoss(): Promise<void>;
  /** As its button "Reconnect" does. */
  reconnects(): Promise<void>;
}

export interface PidginOptions {
  readonly directTls?: boolean;
}

/** Pidgin on a screen of its own, asked and told over D-Bus. */
export async function startPidgin(account: Account, place: AppPlace, options: PidginOptions = {}): Promise<Pidgin> {
  return onDesktop(place, 'pidgin', async (desktop) => {
    const configuration = join(desktop.folder, 'pidgin');
    await mkdir(configuration, { recursive: true, mode: 0o700 });
    await writeFile(join(configuration, 'accounts.xml'), accounts(account, options.directTls === true));
    await writeFile(join(configuration, 'prefs.xml'), PREFERENCES);
    // its debug output has every stanza that it got
    const log = join(desktop.folder, 'pidgin-debug.log');
    desktop.start(['sh', '-c', 'exec pidgin --config="$0" --debug >"$1" 2>&1', configuration, log]);
    return drive(account, desktop, log);
  });
}

/** A line of a conversation. */
interface Line {
  readonly received: boolean;
  readonly at: number;
  readonly text: string;
}

function drive(account: Account, desktop: Desktop, log: string): Pidgin {
  const ask = (method: string, ...args: readonly string[]): Promise<string> =>
    desktop.call(SERVICE, OBJECT, `${INTERFACE}.${method}`, args);
  const number = async (method: string, ...args: readonly string[]): Promise<number> =>
    Number(/-?\d+/u.exec((await ask(method, ...args)).replaceAll(/u?int32 /gu, ''))?.[0] ?? 0);
  const list = async (method: string, ...args: readonly string[]): Promise<readonly string[]> =>
    (await ask(method, ...args)).replaceAll(/u?int32/gu, '').match(/\d+/gu) ?? [];
  const text = async (method: string, ...args: readonly string[]): Promise<string> =>
    unquote(await ask(method, ...args));
  const lines = (): Promise<string> => readFile(log, 'utf8').catch(() => '');
  const screen = async (): Promise<string> => {
    const windows = await desktop.windows();
    return `windows: ${windows.join(' | ')}\n${(await lines()).split('\n').slice(-60).join('\n')}`;
  };
  const see = <T>(what: string, probe: () => Promise<T | undefined | false>, within?: number): Promise<T> =>
    until(what, () => probe().catch(() => undefined), { screen, ...(within === undefined ? {} : { within }) });

  const accountId = (): Promise<number> => number('PurpleAccountsFind', account.jid, 'prpl-jabber');
  const conversations = async (): Promise<Map<string, string>> => {
    const found = new Map<string, string>();
    for (const id of await list('PurpleGetIms')) {
      const name = await text('PurpleConversationGetName', id);
      found.set(name.replace(/\/.*$/u, ''), id);
    }
    return found;
  };
  const conversationOf = async (jid: string): Promise<string> => {
    const known = (await conversations()).get(jid);
    return known ?? String(await number('PurpleConversationNew', '1', String(await accountId()), jid));
  };
  /** Lines that a window got, by the line's id: a line does not change. */
  const read = new Map<string, Line>();
  const historyOf = async (conversation: string): Promise<readonly Line[]> => {
    const ids = await list('PurpleConversationGetMessageHistory', conversation);
    for (const id of ids) {
      if (read.has(id)) continue;
      const flags = await number('PurpleConversationMessageGetFlags', id);
      const html = await text('PurpleConversationMessageGetMessage', id);
      const at = (await number('PurpleConversationMessageGetTimestamp', id)) * 1000;
      read.set(id, { received: (flags & RECEIVED) !== 0, at, text: fromHtml(html) });
    }
    return ids.flatMap((id) => read.get(id) ?? []).toReversed();
  };
  const buddiesOf = async (jid: string): Promise<readonly string[]> =>
    list('PurpleFindBuddies', String(await accountId()), jid);

  const isConnected = async (): Promise<boolean> =>
    (await number('PurpleAccountIsConnected', String(await accountId()))) === 1;
  /** The commands in the contact's menu, as it asked for them. */
  const menuOf = async (jid: string): Promise<readonly string[]> => {
    const got = receivedFrom(await lines());
    const item = `<item jid='${jid}/[^']*' node='([^']*)'`;
    const menu = new RegExp(`node='http://jabber.org/protocol/commands'>(?:${item}[^>]*/>)+</query>`, 'gu');
    return Array.from((got.match(menu)?.at(-1) ?? '').matchAll(new RegExp(item, 'gu')), ([, node = '']) => node);
  };
  /** Brings the contact's window (or tab) to the front, with its input field empty. */
  const present = async (jid: string): Promise<void> => {
    const conversation = await conversationOf(jid);
    await ask('PurpleConversationPresent', conversation);
    const title = await text('PurpleConversationGetTitle', conversation);
    await see(`the tab of ${title}`, async () => {
      const windows = await desktop.windows();
      if (windows.includes(title)) return true;
      // a tab behind another one: the window has the title of that
      for (const other of (await conversations()).values()) {
        const shown = await text('PurpleConversationGetTitle', other);
        if (windows.includes(shown)) {
          await desktop.activate(shown);
          await desktop.press('ctrl+Tab');
        }
      }
      return false;
    });
    await desktop.activate(title);
    await desktop.press('ctrl+a');
    await desktop.press('BackSpace');
  };

  return {
    name: 'Pidgin',
    shows: {
      login: 'buddy list opens; CA of the system, SASL PLAIN',
      teams: 'a group each, colleagues with their status',
      request: 'a window opens; question and notice are two lines',
      reply: 'typed in the window',
      moved: 'the buddy moves to the other group at once',
      typingToPage: 'at the first key',
      typingInApp: '“Chris is typing…” below the lines',
      card: '“Get Info”: name, e-mail, client, local time, all else in “Description”',
      end: 'the buddy leaves the list, the window shows Chris as offline',
      fileOut: { not: 'uploads no files' },
      edit: { not: 'corrects nothing and takes nothing back' },
      react: { not: 'has no reactions and no replies' },
      menu: '_Conversation_, _More_; forms and answers are windows',
      archive: { not: 'asks for no archive; it keeps a history of its own' },
    },
    desktop,
    screen,
    async seesLogin() {
      await see(
        'Pidgin logged in',
        async () => (await isConnected()) && (await desktop.windows()).includes(LIST),
        30_000,
      );
    },
    async seesLoss() {
      await see('Pidgin lost its connection', async () => !(await isConnected()));
    },
    async reconnects() {
      await ask('PurpleAccountConnect', String(await accountId()));
    },
    async seesDistrust() {
      const title = await see('Pidgin asks about the certificate', async () =>
        (await desktop.windows()).find((one) => /certificate/iu.test(one)),
      );
      await desktop.keep('distrust');
      return title;
    },
    async seesInGroup(group, jid) {
      await see(`${jid} in the group ${group}`, async () => {
        for (const buddy of await buddiesOf(jid)) {
          const name = await text('PurpleGroupGetName', String(await number('PurpleBuddyGetGroup', buddy)));
          if (name === group) return true;
        }
        return false;
      });
      await desktop.keep(group);
    },
    async seesGone(jid) {
      await see(`${jid} has left`, async () => {
        for (const buddy of await buddiesOf(jid)) {
          if ((await number('PurpleBuddyIsOnline', buddy)) === 1) return false;
        }
        return true;
      });
      await desktop.keep('end');
    },
    seesText: (wanted) =>
      see(`a message with "${wanted}"`, async () => {
        for (const [jid, id] of await conversations()) {
          if ((await historyOf(id)).some((line) => line.received && line.text.includes(wanted))) return jid;
        }
        return undefined;
      }),
    async textsFrom(jid) {
      const id = (await conversations()).get(jid);
      if (id === undefined) return [];
      return (await historyOf(id)).flatMap((line) => (line.received ? [line.text] : []));
    },
    async saidAt(jid, wanted) {
      const id = (await conversations()).get(jid);
      if (id === undefined) return undefined;
      return (await historyOf(id)).find((line) => line.received && line.text === wanted)?.at;
    },
    async runsFromMenu(to, { command, title, values }) {
      const entry = await see(`${command} in the menu`, async () => {
        const found = (await menuOf(to)).indexOf(command);
        return found >= 0 && { below: OWN_ENTRIES + found };
      });
      const menus = async (): Promise<number> => (await desktop.windows()).filter((one) => one === MENU).length;
      await present(to);
      await desktop.press('alt+c');
      await see('the menu “Conversation”', async () => (await menus()) === 1);
      await desktop.press('o');
      await see('the menu “More”', async () => (await menus()) === 2);
      for (let moved = 0; moved < entry.below; moved += 1) await desktop.press('Down');
      await desktop.keep('menu');
      const before = (await lines()).length;
      await desktop.press('Return');
      if (values !== undefined) {
        await desktop.activate(title);
        for (const value of Object.values(values)) await desktop.type(value);
        await desktop.keep('form');
        await desktop.press('alt+o');
      }
      const told = await see(`what came of ${command}`, async () => {
        const answer = receivedFrom((await lines()).slice(before));
        return /<command [^>]*status='completed'[^>]*>.*?<note[^>]*>(.*?)<\/note>/su.exec(answer)?.[1];
      });
      // the window with the answer has the address as its title
      await desktop.activate(`^${to}/`);
      await desktop.keep('menu-answer');
      await desktop.press('Escape');
      return fromHtml(told);
    },
    async seesTyping(jid) {
      await see(`${jid} types`, async () => {
        const im = String(await number('PurpleConvIm', await conversationOf(jid)));
        return (await number('PurpleConvImGetTypingState', im)) === COMPOSING;
      });
      await desktop.keep('typing');
    },
    async says(to, wanted) {
      await present(to);
      await desktop.type(wanted);
      await desktop.press('Return');
    },
    async types(to) {
      await present(to);
      await desktop.type('x');
    },
    async seesInCard(jid, part) {
      const connection = String(await number('PurpleAccountGetConnection', String(await accountId())));
      await ask('ServGetInfo', connection, jid);
      // libpurple shows a card when each of its four questions has been answered, or 30 seconds later
      await see(`the contact card of ${jid} with "${part}"`, async () => {
        const cards = (await lines()).match(/<vCard[^>]*>(?:(?!<vCard).)*<\/vCard>/gsu) ?? [];
        return (await desktop.windows()).includes(CARD) && cards.some((card) => card.includes(part));
      });
      await desktop.activate(CARD);
      await desktop.keep('card');
      await desktop.press('Escape');
    },
    stop: () => desktop.stop(),
  };
}

/** What came over the wire, put together again: the debug output has it in pieces. */
function receivedFrom(log: string): string {
  return Array.from(log.matchAll(/jabber: Recv \(ssl\)\(\d+\): (.*?)\n(?=\(\d|$)/gsu), ([, piece = '']) => piece).join(
    '',
  );
}

/** The first string of what gdbus prints, which is GVariant's text form. */
function unquote(variant: string): string {
  const quoted = /'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/su.exec(variant);
  const inner = quoted?.[1] ?? quoted?.[2] ?? '';
  return inner.replaceAll(
    /\\(?:u([0-9a-f]{4})|U([0-9a-f]{8})|(.))/gu,
    (_, short?: string, long?: string, one?: string) => {
      const code = short ?? long;
      if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16));
      return one === 'n' ? '\n' : (one ?? '');
    },
  );
}

function fromHtml(html: string): string {
  return html
    .replaceAll(/<br\s*\/?>/giu, '\n')
    .replaceAll(/<[^>]*>/gu, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&');
}

function accounts(account: Account, directTls: boolean): string {
  const setting = (name: string, type: string, value: string): string =>
    `<setting name='${name}' type='${type}'>${value}</setting>`;
  return `<?xml version='1.0' encoding='UTF-8' ?>
<account version='1.0'><account><protocol>prpl-jabber</protocol><name>${account.jid}/pidgin</name><password>${account.password}</password>
<settings>${setting('connect_server', 'string', account.server)}${setting('port', 'int', String(account.port))}
${setting('connection_security', 'string', directTls ? 'old_ssl' : 'require_tls')}</settings>
<settings ui='gtk-gaim'>${setting('auto-login', 'bool', '1')}</settings></account></account>
`;
}

const PREFERENCES = `<?xml version='1.0' encoding='UTF-8' ?>
<pref version='1' name='/'><pref name='pidgin'><pref name='blist'>
<pref name='show_offline_buddies' type='bool' value='1'/>
</pref></pref></pref>
`;
