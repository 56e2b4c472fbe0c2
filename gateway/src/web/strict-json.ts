import { JSON_DEPTH } from './limits.ts';
import { Refusal } from './refusal.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Walks JSON that is known to be valid: keys that reach a prototype, keys said twice and nesting are what
 * `JSON.parse` lets pass and two readers can understand differently.
 */
function objection(json: string): string | undefined {
  const open: (Set<string> | undefined)[] = [];
  let isKey = false;
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === '"') {
      const start = at;
      for (at++; json[at] !== '"'; at++) if (json[at] === '\\') at++;
      const keys = open.at(-1);
      if (!isKey || keys === undefined) continue;
      const key: unknown = JSON.parse(json.slice(start, at + 1));
      if (typeof key !== 'string' || FORBIDDEN.has(key)) return 'The JSON has a key that is not allowed.';
      if (keys.has(key)) return 'The JSON has the same key twice.';
      keys.add(key);
      isKey = false;
    } else if (character === '{' || character === '[') {
      if (open.push(character === '{' ? new Set() : undefined) > JSON_DEPTH) return 'The JSON is nested too deep.';
      isKey = character === '{';
    } else if (character === '}' || character === ']') {
      open.pop();
      isKey = false;
    } else if (character === ',') {
      isKey = open.at(-1) !== undefined;
    }
  }
  return undefined;
}

/** Reads JSON that can be understood in one way only. @throws Refusal `bad-request` */
export function readJson(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    throw new Refusal('bad-request', 'The text is not UTF-8.');
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Refusal('bad-request', 'The text is not JSON.');
  }
  const problem = objection(text);
  if (problem !== undefined) throw new Refusal('bad-request', problem);
  return value;
}
