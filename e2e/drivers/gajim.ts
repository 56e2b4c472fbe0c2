import { mkdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { type Desktop, onDesktop } from '../support/desktop.ts';
import { until } from '../support/wait.ts';
import type { Account, AppPlace, StaffApp } from './staff-app.ts';

const SERVICE = 'org.gajim.Gajim';
const WINDOW = '/org/gajim/Gajim/window/1';
const INCOMING = 4;
const MAIN = '^Gajim$';
const CARD = 'Contact Information';
const COMMANDS = 'Command List';
const FORM = 'Stage';
const COMPLETED = 'Completed';

export interface Gajim extends StaffApp {
  readonly desktop: Desktop;
  /** Resolves when the stream has been resumed this often. */
  seesResumption(times: number): Promise<void>;
}

export interface GajimOptions {
  readonly directTls?: boolean;
}

/** Gajim on a screen of its own: typed into as a person does, read with a screen reader and in its chat archive. */
export async function startGajim(account: Account, place: AppPlace, options: GajimOptions = {}): Promise<Gajim> {
  return onDesktop(place, 'gajim', async (desktop) => {
    const configuration = join(desktop.folder, '.config', 'gajim');
    await mkdir(configuration, { recursive: true, mode: 0o700 });
    writeSettings(join(configuration, 'settings.sqlite'), account, options.directTls === true);
    desktop.start(['gajim', '--loglevel', '.nbxmpp.smacks=INFO'], {
      PYTHON_KEYRING_BACKEND: 'keyring.backends.null.Keyring',
    });
    return drive(account, desktop);
  });
}

interface Line {
  readonly jid: string;
  readonly kind: number;
  readonly message: string;
  /** Seconds. */
  readonly time: number;
}

function drive(account: Account, desktop: Desktop): Gajim {
  const name = account.jid.slice(0, account.jid.indexOf('@'));
  const screen = async (): Promise<string> => [...(await desktop.windows()), ...(await desktop.read())].join('\n');
  const see = <T>(what: string, probe: () => Promise<T | undefined | false>, within = 20_000): Promise<T> =>
    until(what, () => probe().catch(() => undefined), { screen, within });
  const ask = (method: string): Promise<string> =>
    desktop.call(SERVICE, '/org/gajim/dbus/RemoteObject', `org.gajim.dbus.RemoteInterface.${method}`, [name]);
  /** As a menu entry or a click on a row does. */
  const act = (action: string, parameter: string): Promise<string> =>
    desktop.call(SERVICE, '/org/gajim/Gajim', 'org.gtk.Actions.Activate', [action, `[<${parameter}>]`, '{}']);
  const archive = (): readonly Line[] => {
    const database = new DatabaseSync(join(desktop.folder, '.local', 'share', 'gajim', 'logs.db'), {
      readOnly: true,
      timeout: 5_000,
    });
    try {
      const rows = database.prepare(
        'select jid, kind, message, time from logs join jids using (jid_id) order by log_line_id',
      );
      return rows.all() as unknown as Line[];
    } finally {
      database.close();
    }
  };
  const incoming = (): readonly Line[] => archive().filter((line) => line.kind === INCOMING);
  /** The groups of a contact on the list; `undefined` for one that is not there. */
  const groupsOf = async (jid: string): Promise<string | undefined> => {
    const contacts = (await ask('list_contacts')).split("{'name':");
    const contact = contacts.find((one) => one.includes(`'jid': <'${jid}'>`));
    return contact?.slice(contact.indexOf("'groups':"));
  };
  const showsList = (): Promise<void> => desktop.click(MAIN, 34, -36);
  const actInWindow = (action: string, parameter: string): Promise<string> =>
    desktop.call(SERVICE, WINDOW, 'org.gtk.Actions.Activate', [action, `[<${parameter}>]`, '{}']);
  /** Contacts with whom a chat was begun here. */
  const begun = new Set<string>();
  const present = async (jid: string): Promise<void> => {
    if (begun.has(jid) || incoming().some((line) => line.jid === jid)) {
      await act('open-chat', `['${name}', '${jid}']`);
    } else {
      begun.add(jid);
      // as its dialog “Start Chat” does with the contact that is picked
      const picked = `'account': <'${name}'>, 'jid': <'${jid}'>, 'type': <'contact'>, 'select': <true>`;
      await actInWindow('add-chat', `{${picked}}`);
    }
    await desktop.activate(MAIN);
    await desktop.press('ctrl+a');
    await desktop.press('BackSpace');
  };

  return {
    name: 'Gajim',
    shows: {
      login: 'the account is “Available”; CA of the system, SASL PLAIN',
      teams: 'contact list: a group each, colleagues with their status',
      request: 'a chat in the list, with a counter; question and notice are two lines',
      reply: 'typed in the chat',
      moved: 'contact list, at once',
      typingToPage: 'at the first key',
      typingInApp: '“Chris is composing a message…” beside the name',
      card: '“Contact Information”: vCard4 with name, e-mail, page, all else under “Note”',
      end: 'the contact leaves the list',
      fileOut: '“Send File…”, or dropped into the chat',
      fileIn: 'the file’s name and size, with buttons to get it; pictures are shown',
      edit: 'Ctrl+↑ corrects; it cannot take back',
      react: { not: 'has no reactions; “Quote” is text that begins with >' },
      menu: '_Execute Command…_ of the contact; forms and answers are pages of that window',
      archive: 'after the log-in, by itself',
    },
    desktop,
    screen,
    async seesLogin() {
      await see(
        'Gajim logged in',
        async () => (await ask('get_status')).includes("'online'") && (await ask('list_contacts')).includes('jid'),
        30_000,
      );
    },
    async seesResumption(times) {
      await see(
        'Gajim resumed its stream',
        async () => {
          const log = await readFile(join(desktop.folder, 'gajim.log'), 'utf8');
          return log.split('Session resumption succeeded').length > times;
        },
        40_000,
      );
    },
    async seesDistrust() {
      const title = await see('Gajim refuses the certificate', async () =>
        (await desktop.windows()).find((one) => /certificate/iu.test(one)),
      );
      const shown = await desktop.read();
      await desktop.keep('distrust');
      return [title, ...shown].join('\n');
    },
    async seesInGroup(group, jid) {
      await showsList();
      await see(`${jid} in the group ${group}`, async () => (await groupsOf(jid))?.includes(`'${group}'`));
      await see(`the group ${group} on the screen`, async () =>
        (await desktop.read()).some((text) => text.startsWith(`${group} (`)),
      );
      await desktop.keep(group);
    },
    async seesGone(jid) {
      await see(`${jid} has left`, async () => (await groupsOf(jid)) === undefined);
      await desktop.keep('end');
    },
    seesText: (wanted) =>
      see(`a message with "${wanted}"`, async () => incoming().find((line) => line.message.includes(wanted))?.jid),
    textsFrom: (jid) => incoming().flatMap((line) => (line.jid === jid ? [line.message] : [])),
    async seesTyping(jid) {
      await act('open-chat', `['${name}', '${jid}']`);
      await see(`${jid} types`, async () =>
        (await desktop.read()).some((text) => text.includes('is composing a message')),
      );
      await desktop.keep('typing');
    },
    async says(to, wanted) {
      const shown = async (): Promise<number> => (await desktop.read()).filter((text) => text === wanted).length;
      // a chat that has just come to the front may not have the keys yet
      await see(`“${wanted}” in the field`, async () => {
        await present(to);
        const before = await shown();
        await desktop.type(wanted);
        return until('it', async () => (await shown()) > before, { within: 3_000 });
      });
      await desktop.press('Return');
    },
    saidAt(jid, wanted) {
      const line = incoming().find((one) => one.jid === jid && one.message === wanted);
      return line === undefined ? undefined : line.time * 1000;
    },
    async corrects(to, right) {
      await present(to);
      await desktop.press('ctrl+Up');
      await desktop.press('ctrl+a');
      await desktop.type(right);
      await desktop.press('Return');
    },
    async runsFromMenu(to, { title, values }) {
      await act(`${name}-execute-command`, `'${to}'`);
      await see(`“${title}” in the list of commands`, async () => (await desktop.read()).includes(title));
      await desktop.activate(COMMANDS);
      // the first row; then what is typed is looked for
      await desktop.click(COMMANDS, 125, 84);
      await desktop.type(title);
      await desktop.keep('menu');
      await desktop.press('Return');
      if (values !== undefined) {
        await desktop.activate(FORM);
        await desktop.press('Tab');
        for (const value of Object.values(values)) await desktop.type(value);
        await desktop.keep('form');
        await see('the form is sent', async () => {
          if (!(await desktop.windows()).includes(FORM)) return true;
          // “Complete”, once it can be pressed
          await desktop.click(FORM, -60, -40);
          return false;
        });
      }
      const told = await see(`what came of “${title}”`, async () => {
        const shown = await desktop.read();
        const at = shown.lastIndexOf(COMPLETED);
        return shown.indexOf(COMPLETED) < at && shown.slice(at + 1).join('\n');
      });
      await desktop.keep('menu-answer');
      await desktop.activate(COMPLETED);
      await desktop.press('Escape');
      return told;
    },
    async sendsFile(to, file) {
      await present(to);
      // as a file that is dropped into the chat; then the button at the bottom, which names what is sent before
      const asks = async (): Promise<boolean> => (await desktop.read()).includes('Send Files');
      await see('Gajim has the file', async () => {
        await actInWindow('send-file-httpupload', `['${pathToFileURL(file).href}']`);
        await until('Gajim asks to send files', asks, { screen, within: 3_000 });
        const has = async (): Promise<boolean> => (await desktop.read()).some((text) => text.includes(basename(file)));
        if (await until('the file', has, { within: 1_000 }).catch(() => false)) return true;
        // COMPAT(gajim, of the list of files that came over D-Bus it sometimes reads empty names only: “Could not add”)
        await desktop.press('Escape');
        return false;
      });
      await see('Gajim sends the file', async () => {
        await desktop.click(MAIN, -91, -36);
        return !(await asks());
      });
    },
    async types(to) {
      await present(to);
      await desktop.type('x');
    },
    async seesInCard(jid, part) {
      await act(`${name}-contact-info`, `'${jid}'`);
      await see(`the contact card of ${jid} with "${part}"`, async () => {
        const shown = await desktop.read();
        return shown.slice(shown.indexOf(CARD)).some((text) => text.includes(part));
      });
      await desktop.keep('card');
      await desktop.activate(CARD);
      await desktop.press('Escape');
    },
    stop: () => desktop.stop(),
  };
}

function writeSettings(file: string, account: Account, directTls: boolean): void {
  const [name = '', hostname = ''] = account.jid.split('@');
  const database = new DatabaseSync(file);
  database.exec(`
    create table settings (name text unique, settings text);
    create table account_settings (account text unique, settings text);
    pragma user_version=5`);
  const settings = {
    app: {
      use_keyring: false,
      remote_control: true,
      check_for_update: false,
      autoaway: false,
      autoxa: false,
      save_main_window_position: false,
    },
    soundevents: {},
    status_presets: {},
    proxies: {},
    plugins: {},
    workspaces: { 'b0a1e1a4-30a6-4a0c-9a4e-1a1a1a1a1a1a': {} },
  };
  const setting = database.prepare('insert into settings values (?, ?)');
  for (const [key, value] of Object.entries(settings)) setting.run(key, JSON.stringify(value));
  const own = {
    name,
    hostname,
    password: account.password,
    savepass: true,
    active: true,
    autoconnect: true,
    resource: 'gajim',
    use_custom_host: true,
    custom_host: account.server,
    custom_port: account.port,
    custom_type: directTls ? 'DIRECT TLS' : 'START TLS',
  };
  database
    .prepare('insert into account_settings values (?, ?)')
    .run(name, JSON.stringify({ account: own, contact: {}, group_chat: {} }));
  database.close();
}
