import type { Checkable } from './checks.ts';
import type { Path } from './problem.ts';
import { configSchema, type TenantConfig, tenantSchema } from './schema.ts';

/** Times that something is taken out of one tenant before it is left alone. */
const MOST_CUTS = 200;

/** Of what an entry of a list cannot be without: what stands for it, so that the rest of the entry is looked at. */
const STAND_INS: Readonly<Record<string, (count: number) => unknown>> = {
  username: (count) => `stand-in-${count}`,
  id: (count) => `stand-in-${count}`,
  name: (count) => `Stand-in ${count}`,
  hash: () => 'stand-in',
  teams: () => [],
  days: () => ['mon'],
  from: () => '00:00',
  to: () => '24:00',
};

export interface Salvaged extends Omit<Checkable, 'isPasswordHash'> {
  /** Where a value of what is left was in the whole; nothing when it was not. */
  readonly original: (path: Path) => Path | undefined;
  /** Nothing is missing there because of what was taken out: what refers to it can be judged. */
  readonly isWhole: (path: Path) => boolean;
}

/** What is left without the values that have the wrong form, so that the other rules can look at it too. */
export function salvage(raw: unknown): Salvaged {
  const rest: unknown = structuredClone(raw);
  const cutter = new Cutter();
  const top = topOf(rest);
  const list = stepInto(rest, 'tenants');
  const tenants: { index: number; config: TenantConfig }[] = [];
  const domains: { index: number; domain: string }[] = [];
  for (const [index, tenant] of (Array.isArray(list) ? list : []).entries()) {
    const domain = stepInto(tenant, 'domain');
    if (typeof domain === 'string') domains.push({ index, domain });
    const config = cutter.cutDown(tenant);
    if (config !== undefined) tenants.push({ index, config });
  }
  return {
    top,
    tenants,
    domains,
    original: (path) => cutter.original(rest, path),
    isWhole: (path) => cutter.isWhole(path.reduce<unknown>(stepInto, rest)),
  };
}

function topOf(rest: unknown): Checkable['top'] {
  const schema = configSchema.omit({ tenants: true }).partial().loose();
  if (typeof rest !== 'object' || rest === null) return {};
  const copy: Record<string, unknown> = { ...rest };
  delete copy['tenants'];
  const first = schema.safeParse(copy);
  if (first.success) return first.data;
  for (const { path } of first.error.issues) if (typeof path[0] === 'string') Reflect.deleteProperty(copy, path[0]);
  const second = schema.safeParse(copy);
  return second.success ? second.data : {};
}

/** Takes out what is wrong, and remembers where it was. */
class Cutter {
  /** Of each list that lost items: the places that its items had. */
  readonly #places = new Map<unknown, number[]>();
  /** Keys of entries that something else stands for now. */
  readonly #standIns = new Map<unknown, Set<string>>();
  #count = 0;

  /** What is left of a tenant; `undefined` when what cannot be left out is wrong. */
  cutDown(tenant: unknown): TenantConfig | undefined {
    for (let cuts = 0; cuts < MOST_CUTS; cuts++) {
      const parsed = tenantSchema.safeParse(tenant);
      if (parsed.success) return parsed.data;
      const [issue] = parsed.error.issues;
      if (issue === undefined) return undefined;
      const path = issue.path.filter((step) => typeof step !== 'symbol');
      const isCut =
        issue.code === 'unrecognized_keys'
          ? issue.keys.map((key) => this.#cut(tenant, [...path, key])).every(Boolean)
          : this.#cut(tenant, path);
      if (!isCut) return undefined;
    }
    return undefined;
  }

  original(rest: unknown, path: Path): Path | undefined {
    const places: (string | number)[] = [];
    let value = rest;
    for (const step of path) {
      if (typeof step === 'string' && this.#standIns.get(value)?.has(step) === true) return undefined;
      places.push(typeof step === 'number' ? (this.#places.get(value)?.[step] ?? step) : step);
      value = stepInto(value, step);
    }
    return places;
  }

  isWhole(list: unknown): boolean {
    return Array.isArray(list) && !this.#places.has(list) && !list.some((entry) => this.#standIns.has(entry));
  }

  #cut(tenant: unknown, path: Path): boolean {
    for (let length = path.length; length > 0; length--) {
      const step = path[length - 1];
      const parent = path.slice(0, length - 1).reduce<unknown>(stepInto, tenant);
      if (typeof parent !== 'object' || parent === null || step === undefined) continue;
      if (Array.isArray(parent) && typeof step === 'number') {
        const places = this.#places.get(parent) ?? parent.map((_, index) => index);
        this.#places.set(parent, places);
        parent.splice(step, 1);
        places.splice(step, 1);
        return true;
      }
      if (length < path.length) continue;
      if (Object.hasOwn(parent, step)) return Reflect.deleteProperty(parent, step);
      const standIn = STAND_INS[step];
      const inList = typeof path[length - 2] === 'number';
      if (typeof step !== 'string' || standIn === undefined || !inList) continue;
      const keys = this.#standIns.get(parent) ?? new Set();
      this.#standIns.set(parent, keys.add(step));
      return Reflect.set(parent, step, standIn(++this.#count));
    }
    return false;
  }
}

function stepInto(value: unknown, step: string | number): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string | number, unknown>)[step] : undefined;
}
