import { mkdir, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { bareEnvironment, type Program, start } from '../support/program.ts';
import { until } from '../support/wait.ts';
import type { Account, AppPlace, StaffApp } from './staff-app.ts';

const ROOT = '&bitlbee';
const TYPING = '\u0001TYPING 1\u0001';
/** Put before a line that was said a minute ago or earlier. */
const TIME = /^\u0002\[\u0002{3}[\d :-]+\u0002\]\u0002 /u;

interface IrcLine {
  /** `nick!user@host`, or a server's name. */
  readonly prefix: string;
  readonly command: string;
  readonly parameters: readonly string[];
}

function readIrcLine(line: string): IrcLine {
  const match = /^(?::(\S+) )?(\S+)((?: (?!:)\S+)*)(?: :(.*))?$/u.exec(line);
  const middle = match?.[3]?.trim() ?? '';
  const parameters = middle === '' ? [] : middle.split(' ');
  if (match?.[4] !== undefined) parameters.push(match[4]);
  return { prefix: match?.[1] ?? '', command: match?.[2] ?? '', parameters };
}

/** libpurple, which is the XMPP code of Pidgin and Adium too, driven as an IRC server by BitlBee. */
export interface Bitlbee extends StaffApp {
  /** Answers of BitlBee itself and of its questions, in order. */
  readonly notices: readonly string[];
  command(text: string): void;
}

export interface BitlbeeOptions {
  readonly directTls?: boolean;
}

export async function startBitlbee(account: Account, place: AppPlace, options: BitlbeeOptions = {}): Promise<Bitlbee> {
  const folder = join(place.folder, 'bitlbee');
  await mkdir(folder, { recursive: true });
  const configuration = join(folder, 'bitlbee.conf');
  await writeFile(configuration, `[settings]\nRunMode = Inetd\nConfigDir = ${folder}\nMotdFile = /dev/null\n`);
  // Inetd mode reads and writes one descriptor; Node's pipes are socket pairs, but only those after stderr go both ways.
  const inetd = `exec bitlbee -I -c "$0" -d "$1" <&3 >&3`;
  const program: Program = start([...place.surroundings.command, 'sh', '-c', inetd, configuration, `${folder}/`], {
    env: bareEnvironment(place.folder),
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    log: join(place.folder, 'bitlbee.log'),
  });
  return drive(account, program, options);
}

async function drive(account: Account, program: Program, { directTls = false }: BitlbeeOptions): Promise<Bitlbee> {
  const irc = program.child.stdio[3] as Socket;
  const nick = account.jid.slice(0, account.jid.indexOf('@'));
  const transcript: string[] = [];
  const lines: IrcLine[] = [];
  const notices: string[] = [];
  const nicks = new Map<string, string>();

  const send = (line: string): void => {
    transcript.push(`> ${line.replace(account.password, '…')}`);
    irc.write(`${line}\r\n`);
  };
  const command = (text: string): void => send(`PRIVMSG ${ROOT} :${text}`);
  const screen = (): string => transcript.slice(-60).join('\n');
  const jidOf = (prefix: string): string => prefix.slice(prefix.indexOf('!') + 1);

  irc.on('error', () => undefined);
  createInterface({ input: irc }).on('line', (text) => {
    transcript.push(`< ${text}`);
    const line = readIrcLine(text);
    if (line.command === 'PING') send(`PONG :${line.parameters[0] ?? ''}`);
    if (line.prefix.includes('!')) nicks.set(jidOf(line.prefix), line.prefix.slice(0, line.prefix.indexOf('!')));
    if (line.command === 'PRIVMSG' && line.parameters[0] === ROOT) notices.push(line.parameters[1] ?? '');
    lines.push(line);
  });

  /** Asks BitlBee and waits for the answer: the lines up to one that `last` knows. */
  const ask = async (question: string, last: RegExp): Promise<readonly string[]> => {
    const from = notices.length;
    command(question);
    const end = await until(
      `an answer of BitlBee to "${question}"`,
      () => {
        const index = notices.findIndex((notice, position) => position >= from && last.test(notice));
        return index === -1 ? undefined : index;
      },
      { screen },
    );
    return notices.slice(from, end + 1);
  };

  /** A contact that has been offline since the login has no nick yet. */
  const nickOf = (jid: string): Promise<string> => until(`a nick of ${jid}`, () => nicks.get(jid), { screen });
  const privateTexts = (): readonly { from: string; text: string }[] =>
    lines
      .filter((line) => line.command === 'PRIVMSG' && line.parameters[0] === nick)
      .map((line) => ({ from: jidOf(line.prefix), text: (line.parameters[1] ?? '').replace(TIME, '') }));

  send(`NICK ${nick}`);
  send(`USER ${nick} 0 * :${nick}`);
  await until('the IRC welcome', () => lines.some((line) => line.command === 'JOIN'), { screen });
  await ask('register a-password-for-irc', /Account successfully created/u);
  await ask(`account add jabber ${account.jid}/bitlbee "${account.password}"`, /added/u);
  await ask(`account 0 set connect_server ${account.server}`, /connect_server/u);
  await ask(`account 0 set port ${account.port}`, /port/u);
  if (directTls) await ask('account 0 set connection_security old_ssl', /connection_security/u);
  await ask('set typing_notice true', /typing_notice/u);
  command('account 0 on');

  return {
    name: 'BitlBee (libpurple)',
    shows: {
      login: '“Logged in”; CA of the system, SASL PLAIN',
      teams: '`group info` lists the members',
      request: 'two private messages of the visitor’s nick',
      reply: 'a private message',
      moved: '`group info`, at once',
      typingToPage: 'CTCP TYPING',
      typingInApp: 'CTCP TYPING (`set typing_notice true`)',
      card: '`info NICK` shows name and e-mail',
      end: 'the nick leaves the channel',
      transcript: 'private messages; the time stands before those that are older than a minute',
      fileOut: { not: 'libpurple knows no upload (XEP-0363)' },
      edit: { not: 'libpurple cannot correct a message' },
      react: { not: 'libpurple knows neither reactions nor replies' },
      menu: { not: 'IRC has no menus for contacts' },
      archive: { not: 'libpurple asks for no archive; `$history` tells it' },
    },
    notices,
    command,
    async seesLogin() {
      await until('BitlBee logged in', () => notices.some((notice) => notice.includes('Logged in')), { screen });
    },
    async seesDistrust() {
      const question = /accept certificate/iu;
      return until(
        'BitlBee asks about the certificate',
        () => lines.find((line) => question.test(line.parameters[1] ?? ''))?.parameters[1],
        { screen },
      );
    },
    async seesInGroup(group, jid) {
      await until(
        `${jid} in the group ${group}`,
        async () => {
          const members = await ask(`group info "${group}"`, /^End of member list|^Unknown group/u);
          return members.some((text) => {
            const member = /^\d+\. (\S+)/u.exec(text)?.[1];
            return member === jid || (member !== undefined && member === nicks.get(jid));
          });
        },
        { screen },
      );
    },
    async seesGone(jid) {
      const name = await nickOf(jid);
      await until(
        `${jid} has left`,
        () => {
          const last = lines.findLast(
            (line) => line.prefix.startsWith(`${name}!`) && ['JOIN', 'QUIT', 'PART'].includes(line.command),
          );
          return last !== undefined && last.command !== 'JOIN';
        },
        { screen },
      );
    },
    async seesText(text) {
      return until(`a message with "${text}"`, () => privateTexts().find((one) => one.text.includes(text))?.from, {
        screen,
      });
    },
    textsFrom: (jid) =>
      privateTexts()
        .filter((one) => one.from === jid && !one.text.startsWith('\u0001'))
        .map((one) => one.text),
    async seesTyping(jid) {
      await until(`${jid} types`, () => privateTexts().some((one) => one.from === jid && one.text === TYPING), {
        screen,
      });
    },
    async seesInCard(jid, part) {
      const name = await nickOf(jid);
      const from = notices.length;
      command(`info ${name}`);
      await until(`the card of ${jid} shows ${part}`, () => notices.slice(from).some((text) => text.includes(part)), {
        screen,
      });
    },
    async says(to, text) {
      send(`PRIVMSG ${await nickOf(to)} :${text}`);
    },
    async types(to) {
      send(`PRIVMSG ${await nickOf(to)} :${TYPING}`);
    },
    screen,
    async stop() {
      irc.end();
      await program.kill();
    },
  };
}
