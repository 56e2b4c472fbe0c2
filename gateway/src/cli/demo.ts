/** What the gateway runs without a configuration: one tenant on localhost, with two staff users to log in as. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type Config, configSchema } from '../config/schema.ts';

export interface DemoAccount {
  readonly username: string;
  readonly name: string;
  readonly password: string;
}

export interface Demo {
  readonly config: Config;
  readonly accounts: readonly DemoAccount[];
}

export interface DemoOptions {
  readonly dataDir: string;
  readonly hashPassword: (password: string) => Promise<string>;
  readonly random: (bytes: number) => Uint8Array;
}

const people = [
  { username: 'jesse', name: 'Jesse Reyes', teams: ['sales', 'support'], permissions: [] },
  { username: 'varun', name: 'Varun Shah', teams: ['sales', 'support'], permissions: ['observe'] },
];

const keptSchema = z.array(z.object({ username: z.string(), password: z.string().min(8), hash: z.string().min(8) }));
type Kept = z.infer<typeof keptSchema>;

/** 32 characters that nobody mistakes for one another: 5 bits each. */
const LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789';

/** Three groups of four: 60 bits, short enough to type into a phone. */
export function randomPassword(random: DemoOptions['random']): string {
  const letters = [...random(12)].map((byte) => LETTERS[byte % LETTERS.length] ?? '').join('');
  return letters.replaceAll(/(.{4})(?=.)/gu, '$1-');
}

async function readKept(file: string): Promise<Kept | undefined> {
  try {
    const kept = keptSchema.parse(JSON.parse(await readFile(file, 'utf8')));
    return people.every(({ username }) => kept.some((account) => account.username === username)) ? kept : undefined;
  } catch (error) {
    // absent, or not ours any more: new passwords are made
    if (error instanceof z.ZodError || error instanceof SyntaxError) return undefined;
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

async function makeKept(file: string, { dataDir, hashPassword, random }: DemoOptions): Promise<Kept> {
  const kept = await Promise.all(
    people.map(async ({ username }) => {
      const password = randomPassword(random);
      return { username, password, hash: await hashPassword(password) };
    }),
  );
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  await writeFile(file, `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600 });
  return kept;
}

/** The demo's configuration; its passwords are made once and kept in the data folder, for its owner alone. */
export async function demo(options: DemoOptions): Promise<Demo> {
  const file = join(options.dataDir, 'demo-accounts.json');
  const kept = (await readKept(file)) ?? (await makeKept(file, options));
  const accounts = people.map((person) => {
    const account = kept.find(({ username }) => username === person.username);
    return { ...person, password: account?.password ?? '', hash: account?.hash ?? '' };
  });
  const config = configSchema.parse({
    dataDir: options.dataDir,
    hostName: 'localhost',
    tenants: [
      {
        domain: 'localhost',
        name: 'Demo helpdesk',
        canned: {
          texts: [
            { name: 'hello', text: 'Hello {visitor}, my name is {me}. How can I help?' },
            { name: 'moment', text: 'One moment, please. I am looking it up.' },
          ],
        },
        helpdesk: {
          kind: 'embedded',
          teams: [
            { id: 'sales', name: 'Sales' },
            { id: 'support', name: 'Support' },
          ],
          staff: accounts.map(({ password: _password, ...staff }) => staff),
        },
      },
    ],
  });
  return { config, accounts: accounts.map(({ username, name, password }) => ({ username, name, password })) };
}
