import type { Facts } from './logger.ts';

/** Names of facts that are never written, whoever hands them in. */
const SECRET =
  /pass(word|phrase)|secret|token|ticket|cookie|authorization|credential|private|^body$|^text$|^hash$|^key$/iu;
const MOST_TEXT = 500;
const MOST_STACK = 4_000;
const MOST_FACTS = 32;
const DEPTH = 3;

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

function errorFacts(error: Error, depth: number): Facts {
  const code: unknown = 'code' in error ? error.code : undefined;
  return {
    type: error.name,
    message: cut(error.message, MOST_TEXT),
    ...(typeof code === 'string' ? { code } : {}),
    ...(error.stack === undefined ? {} : { stack: cut(error.stack, MOST_STACK) }),
    ...(error.cause === undefined || depth >= DEPTH ? {} : { cause: plain(error.cause, depth + 1) }),
  };
}

function plain(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return cut(value, MOST_TEXT);
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value;
  if (value instanceof Error) return errorFacts(value, depth);
  if (typeof value !== 'object') return undefined;
  if (depth >= DEPTH || ArrayBuffer.isView(value)) return '[object]';
  if (Array.isArray(value)) return value.slice(0, MOST_FACTS).map((item) => plain(item, depth + 1));
  return redacted(value as Facts, depth + 1);
}

/** A copy that is safe to write: secrets by their names, long texts, deep and large objects are left out. */
export function redacted(facts: Facts, depth = 0): Facts {
  const kept: Record<string, unknown> = {};
  let count = 0;
  for (const [name, value] of Object.entries(facts)) {
    if (++count > MOST_FACTS) break;
    kept[name] = SECRET.test(name) ? '[redacted]' : plain(value, depth);
  }
  return kept;
}
