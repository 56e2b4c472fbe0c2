import { appendFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openTerminal, type Terminal } from '../support/terminal.ts';
import { until } from '../support/wait.ts';
import type { Account, AppPlace, StaffApp } from './staff-app.ts';

export interface Mcabber extends StaffApp {
  /** Resolves when it has logged in this often. */
  seesLogins(times: number): Promise<void>;
  /** Asks for a new connection, as a person does who does not want to wait. */
  reconnects(): Promise<void>;
}

export interface McabberOptions {
  readonly directTls?: boolean;
}

/** mcabber in tmux, commanded through its FIFO; its message logs tell what it showed. */
export async function startMcabber(account: Account, place: AppPlace, options: McabberOptions = {}): Promise<Mcabber> {
  const home = join(place.folder, 'mcabber');
  const logs = join(home, 'history');
  await mkdir(logs, { recursive: true, mode: 0o700 });
  const configuration = join(home, 'mcabberrc');
  await writeFile(configuration, settings(account, place, home, options), { mode: 0o600 });
  const command = `mcabber -f ${configuration}`;
  const terminal = await openTerminal({ surroundings: place.surroundings, home, command });
  return drive(home, logs, terminal);
}

function settings(account: Account, place: AppPlace, home: string, { directTls = false }: McabberOptions): string {
  const set = {
    jid: account.jid,
    password: account.password,
    resource: 'mcabber',
    server: account.server,
    port: account.port,
    tls: directTls ? 0 : 1,
    ssl: directTls ? 1 : 0,
    ssl_ca: place.trusted,
    fifo_name: join(home, 'fifo'),
    logging: 1,
    logging_dir: join(home, 'history'),
    tracelog_level: 1,
    tracelog_file: join(home, 'mcabber.log'),
    roster_width: 40,
    roster_display_filter: 'ofdna_',
    beep_on_message: 0,
  };
  const lines = Object.entries(set).map(([name, value]) => `set ${name} = ${value}`);
  return ['module load fifo', ...lines, ''].join('\n');
}

interface Entry {
  readonly received: boolean;
  readonly at: number;
  readonly text: string;
}

/** One entry of a message log: received or sent, when, how many lines more, what. */
const LOGGED = /^M([RS]) (\d{4})(\d\d)(\d\dT\S+Z) (\d{3}) /u;

function readLog(content: string): readonly Entry[] {
  const lines = content.split('\n');
  const entries: Entry[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const [head, kind, year, month, rest, more] = LOGGED.exec(lines[index] ?? '') ?? [];
    if (head === undefined) continue;
    const last = index + Number(more);
    const text = [lines[index]?.slice(head.length), ...lines.slice(index + 1, last + 1)].join('\n');
    entries.push({ received: kind === 'R', at: Date.parse(`${year}-${month}-${rest}`), text });
    index = last;
  }
  return entries;
}

/** The contact list at the left: headings of groups, and the contacts below each. */
function readPanel(shown: string): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  let members: string[] = [];
  for (const line of shown.split('\n')) {
    const [panel = '', other] = line.split('│');
    if (other === undefined) break;
    const group = /^ *--- (.+?) *$/u.exec(panel)?.[1];
    const contact = /^.{0,3}\[.\] (.+?) *$/u.exec(panel)?.[1];
    if (group !== undefined) groups.set(group, (members = []));
    else if (contact !== undefined) members.push(contact);
  }
  return groups;
}

const STATUS_LINE = /^.?\[.\] Buddy: (.*?)(?: --.*| {2,}.*)?$/mu;

function drive(home: string, logs: string, { type, press, screen, stop }: Terminal): Mcabber {
  const see = <T>(what: string, probe: () => Promise<T | undefined | false>): Promise<T> =>
    until(what, probe, { screen });
  const fifo = join(home, 'fifo');
  const command = async (line: string): Promise<void> => {
    await see('the FIFO', async () => (await stat(fifo).catch(() => undefined))?.isFIFO() === true);
    await appendFile(fifo, `${line}\n`);
  };
  const log = (): Promise<string> => readFile(join(home, 'mcabber.log'), 'utf8').catch(() => '');
  const incoming = async (jid: string): Promise<readonly Entry[]> => {
    const content = await readFile(join(logs, jid), 'utf8').catch(() => '');
    return readLog(content).filter(({ received }) => received);
  };

  /** Goes to the contact's window, and gives its name. */
  const select = async (jid: string): Promise<string> => {
    await command('roster top');
    await see('the window of messages of mcabber', async () => (await screen()).includes('Special buffer'));
    await command(`roster search ${jid}`);
    return see(`a window of ${jid}`, async () => STATUS_LINE.exec(await screen())?.[1]);
  };
  const seesLogins = async (times: number): Promise<void> => {
    await see(`mcabber logged in (${times})`, async () => (await log()).split('status has been set').length > times);
  };

  return {
    name: 'mcabber',
    shows: {
      login: '“Your status has been set”; CA in `ssl_ca`, SASL PLAIN',
      teams: 'heading in the roster panel',
      request: 'a window of the visitor with two lines, `#` at its name',
      reply: '`/say`, or a line in the window',
      moved: 'the contact goes to the other heading at once',
      typingToPage: 'any key in the window, once it is entered (Enter)',
      typingInApp: '`[C]` in the status line',
      card: '`/request vcard` shows name and e-mail in the window',
      end: 'the contact leaves the panel: “has been removed from the roster”',
      fileOut: { not: 'uploads no files' },
      fileIn: 'the address, as text',
      edit: { not: 'corrects nothing and takes nothing back' },
      react: { not: 'has no reactions and no replies' },
      menu: { not: 'asks for no commands' },
      archive: { not: 'asks for no archive; it keeps a history of its own (`set logging = 1`)' },
    },
    seesLogins,
    reconnects: () => command('connect'),
    seesLogin: () => seesLogins(1),
    seesDistrust: () =>
      see('mcabber refuses the certificate', async () =>
        (await log()).split('\n').find((line) => line.includes('Certificate is not trusted')),
      ),
    async seesInGroup(group, jid) {
      const name = await select(jid);
      await see(
        `${name} below "${group}"`,
        async () =>
          readPanel(await screen())
            .get(group)
            ?.includes(name) === true,
      );
    },
    async seesGone(jid) {
      await see(`${jid} has left`, async () => (await log()).includes(`Buddy <${jid}> has been removed`));
    },
    seesText: (text) =>
      see(`a message with "${text}"`, async () => {
        for (const jid of await readdir(logs)) {
          if ((await incoming(jid)).some((one) => one.text.includes(text))) return jid;
        }
        return undefined;
      }),
    textsFrom: async (jid) => (await incoming(jid)).map(({ text }) => text),
    saidAt: async (jid, text) => (await incoming(jid)).find((one) => one.text === text)?.at,
    async seesTyping(jid) {
      await select(jid);
      await see(`${jid} types`, async () => /\[C\] *$/mu.test(await screen()));
    },
    async seesInCard(jid, part) {
      await select(jid);
      await command(`request vcard ${jid}`);
      await see(`the card of ${jid} shows ${part}`, async () => (await screen()).includes(part));
    },
    async says(to, text) {
      await command(`say_to ${to} ${text}`);
    },
    async types(to) {
      await select(to);
      // Enter on an empty line enters the window; outside of it no typing is told
      await press('C-u', 'Enter');
      await type('x');
    },
    screen,
    stop,
  };
}
