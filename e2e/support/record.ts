import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What each client is tried on, in the order of the tables in docs/clients.md, with the heading of its column. */
const chat = {
  login: { column: 'log in', means: 'logs in over STARTTLS with a certificate that it has checked' },
  distrust: { column: 'distrust', means: 'refuses a certificate of an authority that it does not know' },
  directTls: { column: 'direct TLS', means: 'logs in and chats over direct TLS' },
  teams: { column: 'teams', means: 'shows the group of a team with the colleagues in it' },
  request: { column: 'request', means: 'shows what a visitor asks and the notice below it' },
  reply: { column: 'reply', means: 'the reply accepts the chat and is read on the page' },
  moved: { column: 'moves', means: 'shows the visitor go from `Visitors (Waiting)` to `Visitors (Chatting)`' },
  typingToPage: { column: 'typing out', means: 'the page shows that the staff user types' },
  typingInApp: { column: 'typing in', means: 'the app shows that the visitor types' },
  card: { column: 'card', means: 'shows the contact card with the visitor’s e-mail' },
  end: { column: '`$end`', means: 'ends the chat on the page; the visitor leaves the contact list' },
  cut: {
    column: 'cut',
    means: 'after a cut connection the chat goes on and no line is lost; none is doubled where the app resumes',
  },
} as const;

/** Several staff users, files, and what apps do with more than text. */
const guide = {
  invite: { column: '`$invite`', means: 'asks a colleague into the chat, and is told who accepted' },
  invited: {
    column: 'invited',
    means: 'shows who asks, why and what was said last; any reply accepts, `$end` declines',
  },
  transcript: {
    column: 'transcript',
    means: 'who joins reads all that was said before, in order, with its own time, before anything new',
  },
  conference: {
    column: 'conference',
    means: 'lines of a colleague come with the name, and the page names whose line each is',
  },
  leave: { column: '`$leave`', means: 'leaves the chat, which goes on with the others' },
  handOver: { column: '`$transfer`', means: 'hands the chat over, and has left it as soon as that is accepted' },
  takeOver: { column: 'take over', means: 'shows who hands over and why; any reply takes the chat over' },
  join: { column: 'join', means: 'a text to a visitor who chats with a colleague joins that chat' },
  observe: { column: '`$observe`', means: 'reads along in silence; what is typed is not sent until `$join`' },
  fileOut: { column: 'file out', means: 'a picture sent in the app is a picture on the page' },
  fileIn: { column: 'file in', means: 'a file from the page arrives as an address, from which it can be got' },
  edit: { column: 'edit', means: 'a message that is corrected, or taken back, is so on the page' },
  react: { column: 'react', means: 'a reaction to a message, and a reply to one, are so on the page' },
  colleague: { column: 'colleagues', means: 'texts to a colleague arrive there, and the answers come back' },
  menu: { column: 'menu', means: 'the commands are entries of a menu, forms where they need words' },
  archive: { column: 'archive', means: 'the app that starts afresh shows what was said before, once' },
} as const;

export const promises = { ...chat, ...guide };

export type PromiseName = keyof typeof promises;

/** By the name of the table. */
export const tables: Readonly<Record<'chat' | 'guide', readonly PromiseName[]>> = {
  chat: Object.keys(chat) as PromiseName[],
  guide: Object.keys(guide) as PromiseName[],
};

/** `seen`: how a person sees it in the app; not seen: why, and where the fact is read instead. */
export interface Observation {
  readonly seen: boolean;
  readonly how: string;
}

export interface RecordFile {
  readonly client: string;
  readonly version: string;
  /** Day of the run, UTC. */
  readonly date: string;
  readonly observations: Readonly<Partial<Record<PromiseName, Observation>>>;
}

/** Where a run leaves what it saw; `e2e/table/write.ts` makes docs/clients.md of it. */
export const RECORDS = join(import.meta.dirname, '..', '..', 'artifacts', 'clients');

/** Written at once: call it after the check that proves it. */
export interface ClientRecord {
  saw(promise: PromiseName, how: string): void;
  lacks(promise: PromiseName, why: string): void;
}

export function recordOf(client: string, version: string): ClientRecord {
  const file = join(RECORDS, `${client.replaceAll(/[^a-z0-9.-]+/giu, '-').replace(/^-/u, '')}.json`);
  const note = (promise: PromiseName, observation: Observation): void => {
    const before = readRecord(file);
    // what another version of the client did says nothing about this one
    const kept = before?.version === version ? before.observations : {};
    const date = new Date().toISOString().slice(0, 10);
    const record: RecordFile = { client, version, date, observations: { ...kept, [promise]: observation } };
    mkdirSync(RECORDS, { recursive: true });
    writeFileSync(`${file}.new`, `${JSON.stringify(record, undefined, 2)}\n`);
    renameSync(`${file}.new`, file);
  };
  return {
    saw: (promise, how) => note(promise, { seen: true, how }),
    lacks: (promise, why) => note(promise, { seen: false, how: why }),
  };
}

export function readRecord(file: string): RecordFile | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  return JSON.parse(text) as RecordFile;
}
