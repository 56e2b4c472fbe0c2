import { mkdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Desktop, onDesktop, type Place } from '../support/desktop.ts';
import { until } from '../support/wait.ts';
import type { Account, AppPlace, StaffApp } from './staff-app.ts';

const ENVIRONMENT = {
  GSK_RENDERER: 'cairo',
  GSETTINGS_BACKEND: 'memory',
  GTK_A11Y: 'atspi',
  MESA_SHADER_CACHE_DISABLE: 'true',
};

const SERVICE = 'im.dino.Dino';
const OBJECT = '/im/dino/Dino';
const DISTRUST = 'Invalid TLS certificate';
/** Milliseconds to wait for the database, while Dino writes to it. */
const PATIENCE = 5_000;
const MAIN = '^Dino$';
const FILES = 'Select file';
const INCOMING = 0;
/** What is around its window belongs to it, too, but not to the places of what it shows. */
const FRAME = 5;
/** By what its emoji are looked for. */
const EMOJI: Readonly<Record<string, string>> = { '👍': 'thumbs up' };
const NO_LIST = 'shows no contact list, its dialog “Start Conversation” has no groups';

export interface Dino extends StaffApp {
  readonly desktop: Desktop;
  /** Resolves when the stream has been resumed this often. */
  seesResumption(times: number): Promise<void>;
}

/** Dino on a screen of its own: typed into as a person does, read with a screen reader and in its database. It has no field for a server or a port: its place needs a name server. */
export async function startDino(account: Account, place: AppPlace): Promise<Dino> {
  return onDesktop(place, 'dino', (desktop) => begin(desktop, account));
}

async function begin(desktop: Desktop, account: Account): Promise<Dino> {
  const data = join(desktop.folder, '.local', 'share', 'dino');
  const file = join(data, 'dino.db');
  await mkdir(data, { recursive: true, mode: 0o700 });
  // its first start makes the database, to which the account is added
  const first = desktop.start(['dino-im'], ENVIRONMENT);
  await until('Dino has made its database', async () => hasAccounts(file) && (await desktop.windows()).length > 0, {
    within: 40_000,
  });
  await first.kill();
  // as long as it is there, a second one only tells it to show its window
  await until('the first Dino is gone', async () => (await desktop.windows()).length === 0);
  addAccount(file, account);
  desktop.start(['dino-im', '--print-xmpp=all'], ENVIRONMENT);
  return drive(desktop, file);
}

interface Line {
  readonly jid: string;
  readonly body: string;
  /** Seconds. */
  readonly time: number;
}

function drive(desktop: Desktop, file: string): Dino {
  const screen = async (): Promise<string> => [...(await desktop.windows()), ...(await desktop.read())].join('\n');
  const see = <T>(what: string, probe: () => Promise<T | undefined | false>, within = 20_000): Promise<T> =>
    until(what, () => probe().catch(() => undefined), { screen, within });
  const read = <Row>(query: string, ...values: readonly (string | number)[]): readonly Row[] => {
    const database = new DatabaseSync(file, { readOnly: true, timeout: PATIENCE });
    try {
      return database.prepare(query).all(...values) as unknown as readonly Row[];
    } finally {
      database.close();
    }
  };
  const incoming = (): readonly Line[] =>
    read<Line>(
      `select jid.bare_jid as jid, body, message.time as time from message join jid on jid.id = counterpart_id
       where direction = ? order by time, message.id`,
      INCOMING,
    );
  const isContact = (jid: string): boolean => read('select jid from roster where jid = ?', jid).length > 0;
  /** As a click on a link to a contact does. */
  const open = (jid: string): Promise<string> =>
    desktop.call(SERVICE, OBJECT, 'org.freedesktop.Application.Open', [`['xmpp:${jid}?message']`, '{}']);
  const present = async (jid: string): Promise<void> => {
    await open(jid);
    await desktop.activate(MAIN);
    await desktop.press('ctrl+a');
    await desktop.press('BackSpace');
  };
  const click = ({ x, y, width, height }: Place): Promise<void> =>
    desktop.click(MAIN, FRAME + x + Math.round(width / 2), FRAME + y + Math.round(height / 2));
  /** The buttons that a message has as long as the pointer is on it: “Reply” and “Add reaction”. */
  const buttonsOf = async (jid: string, text: string): Promise<{ readonly reply: Place; readonly react: Place }> => {
    await present(jid);
    return see(`the buttons of “${text}”`, async () => {
      const message = (await desktop.places()).findLast((one) => one.text === text);
      if (message === undefined) return undefined;
      await desktop.point(MAIN, FRAME + message.x + 100, FRAME + message.y + 8);
      const right = (await desktop.places()).filter(({ x }) => x > message.x + message.width - 90);
      const react = right.find((one) => one.text === 'GtkMenuButton' && Math.abs(one.y - message.y) < 50);
      const reply = right.find((one) => one.text === 'GtkImage' && react !== undefined && one.y === react.y + 5);
      return react !== undefined && reply !== undefined && { reply, react };
    });
  };
  /** What its accounts dialog says about the account. */
  const seesAccount = async (state: string, within?: number): Promise<void> => {
    await see('Dino shows its window', async () => (await desktop.windows()).length > 0);
    await see('Dino opens its accounts', async () => {
      await desktop.call(SERVICE, OBJECT, 'org.gtk.Actions.Activate', ['accounts', '[]', '{}']);
      return true;
    });
    await see(`the account is “${state}”`, async () => (await desktop.read()).includes(state), within);
  };

  return {
    name: 'Dino',
    mixesFirstLines: true,
    shows: {
      login: 'the account is “Connected”; CA of the system, SASL PLAIN, server and port by SRV',
      teams: { not: NO_LIST },
      request: 'a chat in the list, with a counter; the notice may stand above the question',
      reply: 'typed in the chat',
      moved: { not: NO_LIST },
      typingToPage: 'at the first key',
      typingInApp: '“Chris is typing…” below the lines',
      card: { not: 'asks for no card' },
      end: 'the notice; the contact leaves the dialog “Start Conversation”',
      fileOut: 'the paper clip, or Ctrl+U',
      fileIn: 'the file’s name and kind; a click gets it, pictures are shown',
      edit: '↑ corrects, or the pen at the message; it cannot take back',
      react: 'buttons at the message, under the pointer',
      menu: { not: 'has no menu of commands' },
      archive: 'after the log-in, by itself',
    },
    desktop,
    screen,
    async seesLogin() {
      await seesAccount('Connected', 30_000);
      await desktop.press('Escape');
    },
    async seesResumption(times) {
      await see(
        'Dino resumed its stream',
        async () =>
          (await readFile(join(desktop.folder, 'dino-im.log'), 'utf8')).split('sm:3}:resumed ').length > times,
        40_000,
      );
    },
    async seesDistrust() {
      await seesAccount(DISTRUST);
      await desktop.keep('distrust');
      return DISTRUST;
    },
    async seesInGroup() {
      throw new Error(NO_LIST);
    },
    async seesGone(jid) {
      await see(`${jid} has left`, async () => !isContact(jid));
      await desktop.keep('end');
    },
    async seesText(wanted) {
      const jid = await see(
        `a message with "${wanted}"`,
        async () => incoming().find((line) => line.body.includes(wanted))?.jid,
      );
      await desktop.keep('chat');
      return jid;
    },
    textsFrom: (jid) => incoming().flatMap((line) => (line.jid === jid ? [line.body] : [])),
    async seesTyping(jid) {
      await open(jid);
      await see(`${jid} types`, async () => (await desktop.read()).some((text) => text.endsWith('is typing…')));
      await desktop.keep('typing');
    },
    async says(to, wanted) {
      await present(to);
      await desktop.type(wanted);
      await desktop.press('Return');
    },
    saidAt(jid, wanted) {
      const line = incoming().find((one) => one.jid === jid && one.body === wanted);
      return line === undefined ? undefined : line.time * 1000;
    },
    async corrects(to, right) {
      await present(to);
      await desktop.press('Up');
      await see('the text to correct', async () => (await desktop.read()).includes('Update message'));
      await desktop.press('ctrl+a');
      await desktop.type(right);
      await desktop.keep('correction');
      await desktop.press('Return');
    },
    async reacts(to, text, emoji) {
      const { react } = await buttonsOf(to, text);
      const before = (await desktop.windows()).length;
      await click(react);
      await see('the emoji', async () => (await desktop.windows()).length > before);
      await desktop.type(EMOJI[emoji] ?? emoji);
      await see(`${emoji} alone`, async () => !(await desktop.read()).includes('Smileys & People'));
      await desktop.keep('reaction');
      await desktop.press('Down');
      await desktop.press('Return');
    },
    async answers(to, text, answer) {
      const { reply } = await buttonsOf(to, text);
      await click(reply);
      await desktop.type(answer);
      await desktop.keep('reply');
      await desktop.press('Return');
    },
    async sendsFile(to, file) {
      await present(to);
      await desktop.press('ctrl+u');
      await desktop.activate(FILES);
      await desktop.type(file);
      await desktop.press('Return');
      await see('the file is picked', async () => !(await desktop.windows()).includes(FILES));
      // not read from the screen: GTK 4 ends when a dialog for files is read while it closes
      await see('Dino sends the file', async () => {
        if (read('select id from file_transfer where file_name = ?', basename(file)).length > 0) return true;
        await desktop.press('Return');
        return false;
      });
      await desktop.keep('file');
    },
    async types(to) {
      await present(to);
      await desktop.type('x');
    },
    stop: () => desktop.stop(),
  };
}

function hasAccounts(file: string): boolean {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { readOnly: true, timeout: PATIENCE });
    return database.prepare('select id from account').all().length === 0;
  } catch {
    // it is not there, or being made
    return false;
  } finally {
    database?.close();
  }
}

function addAccount(file: string, account: Account): void {
  const database = new DatabaseSync(file, { timeout: PATIENCE });
  database
    .prepare('insert into account (bare_jid, resourcepart, password, alias, enabled) values (?, ?, ?, ?, 1)')
    .run(account.jid, 'dino', account.password, account.jid.slice(0, account.jid.indexOf('@')));
  database.close();
}
