import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { bareEnvironment, start } from '../support/program.ts';
import { type LibraryApp, libraryApp, type Seen } from './library-app.ts';
import type { Account, AppPlace } from './staff-app.ts';

export interface XmppJsOptions {
  readonly directTls?: boolean;
  readonly resource?: string;
}

/** `@xmpp/client` with stream management, in a process of its own that trusts one authority more than Node does. */
export async function startXmppJs(account: Account, place: AppPlace, options: XmppJsOptions = {}): Promise<LibraryApp> {
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
  program.child.on('message', (message) => seen.push(message as Seen));
  return libraryApp({
    name: '@xmpp/client',
    shows: {
      login: 'event `online`; CA in `NODE_EXTRA_CA_CERTS`, SASL PLAIN',
      typingInApp: '`<composing/>`',
      card: 'vcard-temp',
      fileOut: 'slot of XEP-0363, PUT with `fetch`, XEP-0066',
      fileIn: 'XEP-0066',
      edit: 'XEP-0308, XEP-0424',
      react: 'XEP-0444, XEP-0461',
      menu: 'XEP-0050',
      archive: 'XEP-0313',
    },
    seen,
    ask: (asked) => void program.child.send(asked),
    cards: ['vcard-temp'],
    stop: () => program.kill(),
  });
}
