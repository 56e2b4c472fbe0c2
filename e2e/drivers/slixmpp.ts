import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { bareEnvironment, start } from '../support/program.ts';
import { type LibraryApp, libraryApp, type Seen } from './library-app.ts';
import type { Account, AppPlace } from './staff-app.ts';

export interface SlixmppOptions {
  readonly directTls?: boolean;
}

/** slixmpp with stream management and carbons, in a Python process that trusts one authority only. */
export async function startSlixmpp(
  account: Account,
  place: AppPlace,
  options: SlixmppOptions = {},
): Promise<LibraryApp> {
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
  return libraryApp({
    name: 'slixmpp',
    shows: {
      login: 'event `session_start`; CA in `ca_certs`, SASL PLAIN',
      typingInApp: 'event `chatstate_composing`',
      card: 'vcard-temp and vCard4',
      fileOut: 'slot of XEP-0363, PUT with `urllib`, `xep_0066`',
      fileIn: 'body and `xep_0066`',
      edit: '`xep_0308`, `xep_0424`',
      react: '`xep_0444`, `xep_0461`',
      menu: '`xep_0050`, forms by `xep_0004`',
      archive: '`xep_0313`',
    },
    seen,
    ask: (asked) => void stdin.write(`${JSON.stringify(asked)}\n`),
    cards: ['vcard-temp', 'vcard4'],
    stop: () => program.kill(),
  });
}
