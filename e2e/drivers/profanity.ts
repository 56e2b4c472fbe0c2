import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openTerminal, type Terminal } from '../support/terminal.ts';
import { until } from '../support/wait.ts';
import type { Account, AppPlace, StaffApp } from './staff-app.ts';

const run = promisify(execFile);

export interface Profanity extends StaffApp {
  /** A line typed as a person would, with Enter. */
  enter(line: string): Promise<void>;
  /** Resolves when a line of the console or of a window matches. */
  sees(what: string, pattern: RegExp): Promise<void>;
  /** Resolves when the stream has been resumed this often. */
  seesResumption(times: number): Promise<void>;
}

export interface ProfanityOptions {
  readonly directTls?: boolean;
}

/** profanity in tmux; its chat logs tell what it showed, without the loss of what scrolled away. */
export async function startProfanity(
  account: Account,
  place: AppPlace,
  { directTls = false }: ProfanityOptions = {},
): Promise<Profanity> {
  const home = join(place.folder, 'profanity');
  const configuration = join(home, '.config', 'profanity');
  const data = join(home, '.local', 'share', 'profanity');
  const trusted = join(home, 'trusted');
  for (const folder of [configuration, data, trusted]) await mkdir(folder, { recursive: true });
  await writeFile(join(trusted, 'ca.pem'), await readFile(place.trusted));
  await run('openssl', ['rehash', trusted]);
  await writeFile(join(configuration, 'profrc'), profrc(trusted));
  await writeFile(join(data, 'accounts'), accounts(account, directTls), { mode: 0o600 });

  const command = 'profanity --log DEBUG';
  const terminal = await openTerminal({ surroundings: place.surroundings, home, command });
  return drive(account, data, terminal);
}

/** One entry of a chat log: when, by whom ("me" for one's own), what, which may have several lines. */
const LOGGED = /^(\d{4}-\S+Z) - (.*?): (.*(?:\n(?!\d{4}-\S+Z - ).+)*)/gmu;

function drive(account: Account, data: string, { type, press, screen, stop }: Terminal): Profanity {
  const enter = async (line: string): Promise<void> => {
    await press('C-u');
    await type(line);
    await press('Enter');
  };
  const see = <T>(what: string, probe: () => Promise<T | undefined | false>): Promise<T> =>
    until(what, probe, { screen });
  const log = join(data, 'logs', 'profanity.log');
  const logs = join(data, 'chatlogs', account.jid.replace('@', '_at_'));

  /** What each contact's window has shown, by bare JID. */
  const incoming = async (): Promise<readonly { from: string; text: string; at: number }[]> => {
    const contacts = await readdir(logs).catch(() => []);
    const texts: { from: string; text: string; at: number }[] = [];
    for (const contact of contacts) {
      const days = await readdir(join(logs, contact)).catch(() => []);
      for (const day of days.toSorted((a, b) => a.localeCompare(b))) {
        const content = await readFile(join(logs, contact, day), 'utf8');
        for (const [, at = '', who, text] of content.matchAll(LOGGED)) {
          if (text === undefined || who === 'me') continue;
          texts.push({ from: contact.replace('_at_', '@'), text, at: Date.parse(at) });
        }
      }
    }
    return texts;
  };
  /** The console with the roster beside it. */
  const roster = async (): Promise<string> => {
    await enter('/win 1');
    await enter('/clear');
    await enter('/roster');
    return until(
      'the contact list',
      async () => {
        const shown = await screen();
        return shown.includes('Roster:') && shown;
      },
      { screen },
    );
  };

  return {
    name: 'profanity',
    shows: {
      login: '“logged in successfully”; CA in `tls.certpath`, SASL PLAIN',
      teams: '`/roster` names the groups of each contact',
      request: 'a window of the visitor with two lines',
      reply: '`/msg`, or a line in the window',
      moved: '`/roster`, at once',
      typingToPage: 'with `/outtype on`',
      typingInApp: '“(typing...)” in the title (`/intype on`)',
      card: { not: 'this version has no `/vcard`' },
      end: 'the contact leaves the list',
      transcript: 'lines in the visitor’s window with the time at which they were said',
      fileOut: '`/sendfile FILE` in the window',
      edit: '`/correct TEXT` (after `/correction on`); cannot take back',
      react: { not: 'knows neither reactions nor replies' },
      menu: '`/cmd list JID`, `/cmd exec NODE JID`; a form is a window, `/form submit`',
      archive: '`/mam on`; a window that is opened by hand shows what was said before',
    },
    enter,
    async sees(what, pattern) {
      await see(what, async () => pattern.test(await screen()));
    },
    async seesResumption(times) {
      await see('profanity resumed its stream', async () => {
        const lines = await readFile(log, 'utf8');
        return lines.split('Session resumed successfully').length > times;
      });
    },
    async seesLogin() {
      await see('profanity logged in', async () => /logged in successfully/u.test(await screen()));
    },
    seesDistrust: () =>
      see('profanity asks about the certificate', async () => {
        const shown = await screen();
        return /TLS certificate verification failed|Certificate fingerprint|\/tls allow/u.test(shown) && shown;
      }),
    async seesInGroup(group, jid) {
      await see(`${jid} in the group ${group}`, async () => {
        const item = (await roster()).split('\n').find((line) => line.includes(jid));
        return item !== undefined && item.includes(group);
      });
    },
    async seesGone(jid) {
      await see(`${jid} has left`, async () => {
        const shown = await roster();
        return !shown.slice(shown.lastIndexOf('Roster:')).includes(jid);
      });
    },
    seesText: (text) =>
      see(`a message with "${text}"`, async () => (await incoming()).find((one) => one.text.includes(text))?.from),
    async textsFrom(jid) {
      return (await incoming()).flatMap((one) => (one.from === jid ? [one.text] : []));
    },
    async saidAt(jid, text) {
      return (await incoming()).find((one) => one.from === jid && one.text === text)?.at;
    },
    async seesTyping(jid) {
      await see(`${jid} types`, async () => /typing/u.test(await screen()));
    },
    async says(to, text) {
      await enter(`/msg ${to} ${text}`);
    },
    async sendsFile(to, file) {
      await enter(`/msg ${to}`);
      await enter(`/sendfile "${file}"`);
    },
    async corrects(to, right) {
      await enter(`/msg ${to}`);
      await enter(`/correct ${right}`);
    },
    async runsFromMenu(of, { command, values = {} }) {
      await enter('/win 1');
      await enter('/clear');
      await enter(`/cmd list ${of}/chat`);
      await see(`${command} in the menu`, async () =>
        new RegExp(`! +${command}$`, 'mu').test((await screen()).replaceAll(/ +$/gmu, '')),
      );
      await enter(`/cmd exec ${command} ${of}/chat`);
      const fields = Object.values(values);
      if (fields.length > 0) {
        await see('the form', async () => (await screen()).includes("Use '/form submit'"));
        for (const [index, value] of fields.entries()) await enter(`/field${index + 1} add ${value}`);
        await enter('/form submit');
      }
      return see(`what came of ${command}`, async () => {
        const shown = await screen();
        const from = shown.indexOf(`! ${command} completed`);
        return from !== -1 && shown.slice(from);
      });
    },
    async asksArchive(jid) {
      await see('profanity knows of the archive', async () =>
        (await readFile(log, 'utf8')).includes('<feature var="urn:xmpp:mam:2"/>'),
      );
      // a new window asks for what was said in it
      await enter(`/msg ${jid}`);
    },
    async types(to) {
      await enter(`/msg ${to}`);
      await type('x');
    },
    screen,
    stop,
  };
}

function profrc(trusted: string): string {
  return `[connection]
account=e2e
autoconnect=e2e
reconnect=1
tls.certpath=${trusted}
mam=true
[chatstates]
enabled=true
outtype=true
[logging]
chlog=true
[ui]
intype=true
correction.allow=true
splash=false
roster.by=group
`;
}

function accounts(account: Account, directTls: boolean): string {
  return `[e2e]
enabled=true
jid=${account.jid}
resource=profanity
server=${account.server}
port=${account.port}
password=${account.password}
tls.policy=${directTls ? 'legacy' : 'force'}
`;
}
