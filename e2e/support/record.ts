import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What each client is tried on, in the order of the table in docs/clients.md. */
export const promises = {
  login: 'log-in over STARTTLS, certificate checked',
  distrust: 'certificate of an unknown authority refused',
  directTls: 'direct TLS',
  teams: 'groups of teams',
  request: 'request of a visitor',
  reply: 'reply on the page',
  moved: 'Waiting → Chatting',
  typingToPage: 'typing, app to page',
  typingInApp: 'typing, page to app',
  card: 'contact card',
  end: '`$end`',
  cut: 'cut connection',
} as const;

export type PromiseName = keyof typeof promises;

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
