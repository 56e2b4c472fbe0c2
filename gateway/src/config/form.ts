/** The schema as data: what is accepted where, in words. Problems and the reference in `docs/` are made from it. */
import { z } from 'zod';
import type { Path } from './problem.ts';
import { configSchema } from './schema.ts';

/** The parts of JSON Schema that the configuration uses. */
export interface Form {
  readonly type?: string;
  readonly description?: string;
  /** Ours: a pattern in words. */
  readonly form?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly properties?: Readonly<Record<string, Form>>;
  readonly required?: readonly string[];
  readonly items?: Form;
}

export const configForm = z.toJSONSchema(configSchema, { io: 'input' }) as Form;

export function formAt(path: Path): Form | undefined {
  let form: Form | undefined = configForm;
  for (const step of path) form = typeof step === 'number' ? form?.items : form?.properties?.[step];
  return form;
}

const quoted = (value: unknown) => JSON.stringify(value);

function alternatives(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`;
}

function range(what: string, { minimum, maximum }: Form): string {
  // a bound that only says what fits a number is no bound
  const most = maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? undefined : maximum;
  if (minimum === undefined) return what;
  return most === undefined ? `${what}, at least ${minimum}` : `${what} from ${minimum} to ${most}`;
}

/** In words, such as `a whole number from 0 to 65535`. */
export function inWords(form: Form): string {
  if (form.form !== undefined) return form.form;
  if (form.const !== undefined) return quoted(form.const);
  if (form.enum !== undefined) return alternatives(form.enum.map(quoted));
  switch (form.type) {
    case 'boolean':
      return 'true or false';
    case 'integer':
      return range('a whole number', form);
    case 'number':
      return range('a number', form);
    case 'array':
      return (form.minItems ?? 0) > 0 ? `a list with at least ${form.minItems} entry` : 'a list';
    case 'object':
      return `keys with values: ${Object.keys(form.properties ?? {}).join(', ')}`;
    default:
      if (form.format === 'email') return 'an e-mail address';
      if ((form.minLength ?? 0) > 1) return `a text of at least ${form.minLength} characters`;
      return form.maxLength === undefined ? 'a text' : `a text of 1 to ${form.maxLength} characters`;
  }
}

/** How many letters to change, add, take away or swap with their neighbour to make one word of the other. */
function distance(a: string, b: string): number {
  let earlier: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      next.push(
        Math.min(
          (row[j] ?? 0) + 1,
          (next[j - 1] ?? 0) + 1,
          (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
          swapped ? (earlier[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    earlier = row;
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The known key that somebody may have meant. */
export function nearest(key: string, known: readonly string[]): string | undefined {
  const plain = (word: string) => word.slice(0, 40).toLowerCase().replaceAll(/[-_]/gu, '');
  const [best] = known
    .map((word) => ({ word, away: distance(plain(key), plain(word)) }))
    .sort((one, other) => one.away - other.away);
  return best !== undefined && best.away <= Math.max(1, Math.floor(best.word.length / 3)) ? best.word : undefined;
}
