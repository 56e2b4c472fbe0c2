/**
 * Password hashes as strings in the PHC form: `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>` (made here) and
 * `$scrypt$ln=15,r=8,p=1$<salt>$<hash>` (also accepted).
 */
import { argon2, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

export type PasswordHash = {
  readonly salt: Buffer;
  readonly hash: Buffer;
} & (
  | { readonly kind: 'argon2id'; /** KiB */ readonly memory: number; readonly passes: number; readonly lanes: number }
  | { readonly kind: 'scrypt'; /** log2 N */ readonly cost: number; readonly block: number; readonly lanes: number }
);

const argon2Async = promisify(argon2);
const scryptAsync = promisify<
  string | Buffer,
  Buffer,
  number,
  { N: number; r: number; p: number; maxmem: number },
  Buffer
>(scrypt);

/** What one check may take: a hash that asks for more is refused, so that no configuration stops the gateway. */
const MAX_MEMORY = 128 * 1024 * 1024;
const FORM =
  /^\$(?:argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d)|scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d))\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/u;

/** Reads a hash; undefined when it is not of the form, or asks for more than is allowed. */
export function parsePasswordHash(text: string): PasswordHash | undefined {
  const match = FORM.exec(text);
  if (match === null) return undefined;
  const [, memory, passes, lanes, cost, block, parallel] = match.map(Number);
  const salt = Buffer.from(match[7] ?? '', 'base64');
  const hash = Buffer.from(match[8] ?? '', 'base64');
  if (salt.length < 8 || hash.length < 16) return undefined;
  if (match[1] !== undefined) {
    const read = { kind: 'argon2id', memory: memory ?? 0, passes: passes ?? 0, lanes: lanes ?? 0, salt, hash } as const;
    const isAllowed =
      within(read.lanes, 1, 4) &&
      within(read.passes, 1, 10) &&
      read.memory >= 8 * read.lanes &&
      read.memory * 1024 <= MAX_MEMORY;
    return isAllowed ? read : undefined;
  }
  const read = { kind: 'scrypt', cost: cost ?? 0, block: block ?? 0, lanes: parallel ?? 0, salt, hash } as const;
  const isAllowed =
    within(read.cost, 10, 20) &&
    within(read.block, 1, 32) &&
    within(read.lanes, 1, 4) &&
    128 * 2 ** read.cost * read.block <= MAX_MEMORY;
  return isAllowed ? read : undefined;
}

function within(value: number, least: number, most: number): boolean {
  return value >= least && value <= most;
}

const unpadded = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');

/** Hashes a new password; about 40 ms and 19 MiB [OWASP Password Storage: Argon2id m=19 MiB, t=2, p=1]. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(
    { kind: 'argon2id', memory: 19_456, passes: 2, lanes: 1, salt, hash: Buffer.alloc(32) },
    preparedPassword(password),
  );
  return `$argon2id$v=19$m=19456,t=2,p=1$${unpadded(salt)}$${unpadded(hash)}`;
}

/** The form that every keyboard and app gives the same password [RFC4013 §2], without its refusals. */
export function preparedPassword(password: string): string {
  return password
    .replace(/\p{DI}/gu, '')
    .replace(/\p{Zs}/gu, ' ')
    .normalize('NFKC');
}

/** Compares in constant time; the work is done off the event loop. */
export async function matchesHash(expected: PasswordHash, password: string): Promise<boolean> {
  return timingSafeEqual(await derive(expected, password), expected.hash);
}

function derive(form: PasswordHash, password: string): Promise<Buffer> {
  if (form.kind === 'scrypt') {
    const { cost, block, lanes } = form;
    return scryptAsync(password, form.salt, form.hash.length, {
      N: 2 ** cost,
      r: block,
      p: lanes,
      maxmem: 2 * MAX_MEMORY,
    });
  }
  return argon2Async('argon2id', {
    message: password,
    nonce: form.salt,
    parallelism: form.lanes,
    tagLength: form.hash.length,
    memory: form.memory,
    passes: form.passes,
  });
}
