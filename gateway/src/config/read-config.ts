import { isMap, isNode, isPair, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { canonicalDomain, unescapeLocal } from '../xmpp/jid.ts';
import { canonicalOrigin, canonicalUsername, findings } from './checks.ts';
import { formAt, inWords, nearest } from './form.ts';
import { ConfigError, type Path, type Problem, writtenPath } from './problem.ts';
import { salvage, type Salvaged } from './salvage.ts';
import { type Config, configSchema, type TenantConfig } from './schema.ts';

/** 4 MiB: thousands of staff. */
const MOST_CHARACTERS = 4_194_304;
/** Values that are not shown, whatever is wrong with them. */
const SECRET = /^(?:hash|secret|key|password)$/u;

export interface ReadOptions {
  /** How the file is called in problems. */
  readonly source: string;
  readonly isPasswordHash: (text: string) => boolean;
}

export interface ReadConfig {
  readonly config: Config;
  /** Where a value is in the text. */
  readonly locate: (path: Path) => Pick<Problem, 'at'>;
}

/**
 * Reads the text of a configuration file. Names, domains and origins come out in canonical form; paths as written.
 * @throws ConfigError with every problem that can be seen at once
 */
export function readConfig(text: string, { source, isPasswordHash }: ReadOptions): ReadConfig {
  if (text.length > MOST_CHARACTERS)
    throw new ConfigError(source, [{ path: '', found: 'a file of more than 4 MiB', accepted: 'a smaller one' }]);
  const lines = new LineCounter();
  // no tags and no merge keys: what is written is what is meant
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    resolveKnownTags: false,
    stringKeys: true,
  });
  const syntax = [...document.errors, ...document.warnings].map(({ message, pos }) => ({
    path: '',
    at: place(lines, pos[0]),
    found: message,
    accepted: 'YAML 1.2',
  }));
  if (syntax.length > 0) throw new ConfigError(source, syntax);
  const locate = (path: Path, key = false) => placeOf(document, lines, path, key);

  const raw = plainValue(document, source);
  const parsed = configSchema.safeParse(raw);
  const problems = parsed.success
    ? ruleProblems(whole(parsed.data))
    : [...parsed.error.issues.flatMap((issue) => explain(issue, raw, locate)), ...ruleProblems(salvage(raw))].sort(
        inFileOrder,
      );

  function ruleProblems({ original, isWhole, ...checkable }: Salvaged): Problem[] {
    return findings({ ...checkable, isPasswordHash }).flatMap(({ path, among, ...rest }) => {
      // what it is compared with may be there, with something else wrong in it
      if (among !== undefined && !isWhole(among)) return [];
      const place = original(path);
      if (place === undefined) return [];
      return [{ path: writtenPath(place), ...locate(place), ...rest }];
    });
  }

  if (!parsed.success || problems.length > 0) throw new ConfigError(source, problems);
  return { config: canonical(parsed.data), locate };
}

function inFileOrder({ at: one }: Problem, { at: other }: Problem): number {
  return (one?.line ?? 0) - (other?.line ?? 0) || (one?.column ?? 0) - (other?.column ?? 0);
}

function whole(config: Config): Salvaged {
  const tenants = config.tenants.map((tenant, index) => ({ index, config: tenant }));
  const domains = config.tenants.map(({ domain }, index) => ({ index, domain }));
  return { top: config, tenants, domains, original: (path) => path, isWhole: () => true };
}

function plainValue(document: Document, source: string): unknown {
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    return value ?? {};
  } catch (error) {
    // an alias without its anchor, or one that unfolds to a mountain
    if (!(error instanceof ReferenceError)) throw error;
    throw new ConfigError(source, [
      { path: '', found: 'an alias (*name) that cannot be unfolded', accepted: 'YAML 1.2' },
    ]);
  }
}

function place(lines: LineCounter, offset: number): { line: number; column: number } {
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}

/** Where a value is, or the nearest thing around it that exists. */
function placeOf(document: Document, lines: LineCounter, path: Path, key: boolean): Pick<Problem, 'at'> {
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    const parent = length <= 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    if (key && length === path.length && isMap(parent)) {
      const pair = parent.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === path.at(-1));
      const range = pair !== undefined && isScalar(pair.key) ? pair.key.range : undefined;
      if (range !== undefined && range !== null) return { at: place(lines, range[0]) };
    }
    if (isNode(node) && node.range !== undefined && node.range !== null) return { at: place(lines, node.range[0]) };
  }
  return {};
}

function valueAt(raw: unknown, path: Path): unknown {
  let value = raw;
  for (const step of path)
    value = typeof value === 'object' && value !== null ? (value as Record<string | number, unknown>)[step] : undefined;
  return value;
}

function shown(value: unknown, path: Path): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'keys with values';
  if (SECRET.test(String(path.at(-1)))) return 'a value that is not shown here';
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function explain(
  issue: z.core.$ZodIssue,
  raw: unknown,
  locate: (path: Path, key?: boolean) => Pick<Problem, 'at'>,
): readonly Problem[] {
  const path = issue.path.filter((step) => typeof step !== 'symbol');
  const form = formAt(path);
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(form?.properties ?? {});
    return issue.keys.map((key) => {
      const meant = nearest(key, known);
      return {
        path: writtenPath([...path, key]),
        ...locate([...path, key], true),
        found: 'a key that is not known',
        accepted: `${known.join(', ')}${meant === undefined ? '' : ` (did you mean "${meant}"?)`}`,
      };
    });
  }
  const accepted = form === undefined ? issue.message : inWords(form);
  return [{ path: writtenPath(path), ...locate(path), found: shown(valueAt(raw, path), path), accepted }];
}

function canonicalTenant(tenant: TenantConfig): TenantConfig {
  const domain = canonicalDomain(tenant.domain) ?? tenant.domain;
  const { usernameDomain } = tenant;
  return {
    ...tenant,
    domain,
    ...(usernameDomain === undefined ? {} : { usernameDomain: canonicalDomain(usernameDomain) ?? usernameDomain }),
    allowedOrigins: tenant.allowedOrigins.map((origin) => canonicalOrigin(origin) ?? origin),
    helpdesk: {
      ...tenant.helpdesk,
      staff: tenant.helpdesk.staff.map((member) => ({
        ...member,
        username: unescapeLocal(canonicalUsername(member.username, domain) ?? member.username),
      })),
    },
  };
}

function canonical(config: Config): Config {
  return {
    ...config,
    hostName: canonicalDomain(config.hostName) ?? config.hostName,
    tenants: config.tenants.map(canonicalTenant),
  };
}
