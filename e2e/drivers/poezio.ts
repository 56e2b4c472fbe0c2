import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { asUser } from '../support/surroundings.ts';
import { openTerminal, type Terminal } from '../support/terminal.ts';
import { until } from '../support/wait.ts';
import type { Account, AppPlace, StaffApp } from './staff-app.ts';

export interface Poezio extends StaffApp {
  /** Resolves when it has logged in this often. */
  seesLogins(times: number): Promise<void>;
  seesResumption(): Promise<void>;
}

export interface PoezioOptions {
  /** Its setting `enable_smacks`, which is off unless asked for. */
  readonly resumes?: boolean;
}

/** poezio in tmux; its message logs tell what it showed. */
export async function startPoezio(
  account: Account,
  place: AppPlace,
  { resumes = false }: PoezioOptions = {},
): Promise<Poezio> {
  const home = join(place.folder, 'poezio');
  await mkdir(home, { recursive: true });
  const configuration = join(home, 'poezio.cfg');
  await writeFile(configuration, settings(account, place, home, resumes));
  const command = `poezio -f ${configuration}`;
  const terminal = await openTerminal({ surroundings: place.surroundings, home, command, as: asUser });
  return drive(account.jid.slice(0, account.jid.indexOf('@')), join(home, 'logs'), terminal);
}

function settings(account: Account, place: AppPlace, home: string, resumes: boolean): string {
  const set = {
    jid: `${account.jid}/poezio`,
    password: account.password,
    // by number: with a name it does not use the port
    custom_host: '127.0.0.1',
    custom_port: account.port,
    ca_cert_path: place.trusted,
    auto_reconnect: true,
    enable_smacks: resumes,
    send_chat_states: true,
    roster_show_offline: true,
    enable_vertical_tab_list: false,
    use_log: true,
    log_dir: join(home, 'logs'),
    plugins_autoload: 'vcard',
  };
  const lines = Object.entries(set).map(([name, value]) => `${name} = ${value}`);
  return ['[Poezio]', ...lines, ''].join('\n');
}

/** One entry of a message log: when, how many lines more, by whom, what; lines that follow begin with a space. */
const LOGGED = /^MR (\d{4})(\d\d)(\d\dT\S+Z) \d+ <(.*?)> {1,2}(.*(?:\n .*)*)/gmu;

/** The contact list at the left: headings of groups, and the addresses below each. */
function readRoster(shown: string): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  let members: string[] = [];
  for (const line of shown.split('\n')) {
    const panel = line.split('│')[0] ?? '';
    const group = /^\[[-+]\] (.+) \(\d+\/\d+\)/u.exec(panel)?.[1];
    const address = /\(([^()\s]+@[^()\s]+)\)/u.exec(panel)?.[1];
    if (group !== undefined) groups.set(group, (members = []));
    else if (address !== undefined) members.push(address);
  }
  return groups;
}

const isRoster = (shown: string): boolean => shown.startsWith('Roster: ');
const isMenu = (shown: string): boolean => shown.trimEnd().endsWith('“Enter”: execute selected command.');

function drive(own: string, logs: string, { type, press, screen, colours, cursor, stop }: Terminal): Poezio {
  const see = <T>(what: string, probe: () => Promise<T | undefined | false>): Promise<T> =>
    until(what, probe, { screen });
  /** Types, and waits until it stands in the line of input: what comes faster than it is read is taken for pasted. */
  const keys = async (text: string): Promise<void> => {
    await type(text);
    await see(`"${text}" in the line of input`, async () => (await screen()).trimEnd().endsWith(text.slice(-40)));
  };
  const enter = async (line: string): Promise<void> => {
    const shown = await screen();
    if (isRoster(shown) || isMenu(shown)) {
      // letters are commands there until a slash opens the line of input
      await keys('/');
      await keys(line.slice(1));
    } else {
      await press('C-u');
      await keys(line);
    }
    await press('Enter');
  };
  const incoming = async (jid: string): Promise<readonly { readonly at: number; readonly text: string }[]> => {
    const content = await readFile(join(logs, jid), 'utf8').catch(() => '');
    return [...content.matchAll(LOGGED)].flatMap(([, year, month, rest, who, text]) =>
      text === undefined || who === own ? [] : [{ at: Date.parse(`${year}-${month}-${rest}`), text: text.trimStart() }],
    );
  };
  const roster = async (): Promise<string> => {
    if (!isRoster(await screen())) await enter('/win 0');
    return see('the contact list', async () => {
      const shown = await screen();
      return isRoster(shown) && shown;
    });
  };
  const open = async (jid: string): Promise<void> => {
    await enter(`/message ${jid}`);
    await see(`the tab of ${jid}`, async () => (await screen()).includes(`[${jid}] `));
  };
  const seesLogins = async (times: number): Promise<void> => {
    await see(
      `poezio logged in (${times})`,
      async () => (await roster()).split('Authentication success').length > times,
    );
  };

  return {
    name: 'poezio',
    shows: {
      login: '“Authentication success”; CA in `ca_cert_path`, SASL PLAIN',
      teams: 'heading in the contact list',
      request: 'a tab of the visitor with two lines',
      reply: 'a line in the tab',
      moved: 'the contact goes to the other heading at once',
      typingToPage: 'any key in the tab',
      typingInApp: '“composing” in the bar below the tab',
      card: '`/load vcard`, `/vcard` shows a form with name and e-mail',
      end: 'the contact leaves the list',
      fileOut: { not: 'its `/upload` fails with the Python 3.11 of Debian 12' },
      fileIn: 'the address, as text',
      edit: '`/correct TEXT`; it cannot take back',
      react: { not: 'has no reactions and no replies' },
      menu: '`/ad-hoc ADDRESS` lists the commands; forms are tabs (Ctrl+Y sends)',
      archive: 'a tab that is opened shows what was said before (`mam_sync` is on unless set otherwise)',
    },
    // it opens a tab for the first line while it already shows the second
    mixesFirstLines: true,
    seesLogins,
    seesLogin: () => seesLogins(1),
    async seesResumption() {
      await see('poezio resumed its stream', async () => (await roster()).includes('Resumed session'));
    },
    seesDistrust: () =>
      see('poezio refuses the certificate', async () =>
        (await screen()).split('\n').find((line) => /certificate/iu.test(line)),
      ),
    async seesInGroup(group, jid) {
      await see(
        `${jid} below "${group}"`,
        async () =>
          readRoster(await roster())
            .get(group)
            ?.includes(jid) === true,
      );
    },
    async seesGone(jid) {
      await see(`${jid} has left`, async () => !(await roster()).includes(jid));
    },
    seesText: (text) =>
      see(`a message with "${text}"`, async () => {
        for (const name of await readdir(logs).catch(() => [])) {
          if (name.includes('@') && (await incoming(name)).some((one) => one.text.includes(text))) return name;
        }
        return undefined;
      }),
    textsFrom: async (jid) => (await incoming(jid)).map(({ text }) => text),
    saidAt: async (jid, text) => (await incoming(jid)).find((one) => one.text === text)?.at,
    async seesTyping(jid) {
      await open(jid);
      await see(`${jid} types`, async () => /^\[\S+@\S+\] .* composing\s*$/mu.test(await screen()));
    },
    async seesInCard(jid, part) {
      await open(jid);
      await enter('/vcard');
      await see(`the card of ${jid} shows ${part}`, async () => (await screen()).includes(part));
      await press('C-g');
    },
    async says(to, text) {
      await open(to);
      await enter(text);
    },
    async corrects(to, right) {
      await open(to);
      await enter(`/correct ${right}`);
    },
    async runsFromMenu(to, { command, values = {} }) {
      await enter(`/ad-hoc ${to}`);
      const row = await see(`${command} in the list of commands`, async () => {
        const shown = (await screen()).split('\n');
        const names = shown.slice(shown.findIndex((line) => /^Node +Description/u.test(line)) + 1);
        const found = names.findIndex((line) => line.startsWith(`${command} `));
        return found >= 0 && { found };
      });
      await press(...Array.from({ length: row.found }, () => 'Down'));
      // an Enter that comes together with other keys is taken for pasted
      await see(`${command} selected`, async () => (await colours()).includes(`\x1b[44m${command} `));
      await press('Enter');
      for (const text of Object.values(values)) {
        const shows = (what: string) => see(what, async () => (await screen()).includes(what));
        await shows('Ctrl+Y: send form');
        // fields of several lines are lists, each line is edited for itself
        if ((await screen()).includes('Enter: add an entry')) await press('Enter');
        await see('the cursor in the form', cursor);
        await type(text);
        await shows(text);
        const typed = await screen();
        await press('Enter');
        await see('the line in the middle of its field', async () => (await screen()) !== typed);
        await press('C-y');
      }
      const told = await see(
        `what came of ${command}`,
        async () => /.*Adhoc command completed: (.*)\n\[/su.exec(await screen())?.[1],
      );
      await enter('/close');
      return told;
    },
    async asksArchive(jid) {
      // COMPAT(poezio, it asks for what was said until the present second began)
      await sleep(1_000);
      await open(jid);
    },
    async types(to) {
      await open(to);
      await keys('x');
      // COMPAT(poezio, in a tab that was just changed to it sometimes says nothing of the first key)
      await press('BSpace');
      await keys('x');
    },
    screen,
    stop,
  };
}
