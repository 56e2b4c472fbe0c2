/** What one field cannot know: rules between fields, and forms that only code can check. Each rule is one function. */
import ipaddr from 'ipaddr.js';
import { canonicalDomain, escapeLocal, makeJid } from '../xmpp/jid.ts';
import type { Path } from './problem.ts';
import { canonicalTextName, type Config, type StaffConfig, type TenantConfig } from './schema.ts';

export interface Finding {
  readonly path: Path;
  readonly found: string;
  readonly accepted: string;
  /** The list that the value was looked for in. */
  readonly among?: Path;
}

/** As much of a configuration as has the right form: rules hold for it even when other parts are wrong. */
export interface Checkable {
  readonly top: { readonly [Key in 'hostName' | 'listeners' | 'trustedProxies']?: Config[Key] | undefined };
  readonly tenants: readonly { readonly index: number; readonly config: TenantConfig }[];
  /** Of all tenants, also of those in which more is wrong. */
  readonly domains: readonly { readonly index: number; readonly domain: string }[];
  readonly isPasswordHash: (text: string) => boolean;
}

type Rule = (config: Checkable) => Iterable<Finding>;

const DOMAIN = 'a domain name such as acme.chat.example.com';
const ORIGIN = 'the origin of a website, such as https://www.acme.example';
const quoted = (text: string) => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);

/** Tells each entry whose key an earlier one has. */
function* repeated<Entry>(
  entries: readonly Entry[],
  key: (entry: Entry) => string | undefined,
  finding: (entry: Entry, first: Entry) => Finding,
): Iterable<Finding> {
  const seen = new Map<string, Entry>();
  for (const entry of entries) {
    const name = key(entry);
    if (name === undefined) continue;
    const first = seen.get(name);
    if (first === undefined) seen.set(name, entry);
    else yield finding(entry, first);
  }
}

const eachTenant = (rule: (config: TenantConfig, path: Path, all: Checkable) => Iterable<Finding>): Rule =>
  function* (all) {
    for (const { index, config } of all.tenants) yield* rule(config, ['tenants', index], all);
  };

/** A staff user's login name in the form in which names are compared; nothing when it cannot be one. */
export function canonicalUsername(username: string, domain: string): string | undefined {
  return makeJid(escapeLocal(username), domain)?.local;
}

const hostName: Rule = function* ({ top }) {
  if (top.hostName !== undefined && canonicalDomain(top.hostName) === undefined)
    yield { path: ['hostName'], found: quoted(top.hostName), accepted: 'a host name such as chat.example.com' };
};

const listenersApart: Rule = function* ({ top }) {
  const ports = Object.entries(top.listeners ?? {}).filter(([, { enabled, port }]) => enabled && port !== 0);
  yield* repeated(
    ports,
    ([, { port }]) => String(port),
    ([name, { port }], [first]) => ({
      path: ['listeners', name, 'port'],
      found: `${port}, the port of ${first} too`,
      accepted: 'a port of its own for each listener, or 0',
    }),
  );
};

const proxies: Rule = function* ({ top }) {
  for (const [index, text] of (top.trustedProxies ?? []).entries())
    if (!ipaddr.isValid(text) && !ipaddr.isValidCIDR(text))
      yield {
        path: ['trustedProxies', index],
        found: quoted(text),
        accepted: 'an IP address or range, such as 10.0.0.5 or 10.0.0.0/8',
      };
};

const proxyProtocol: Rule = function* ({ top: { listeners, trustedProxies } }) {
  if (listeners === undefined || trustedProxies?.length !== 0) return;
  for (const name of ['xmpp', 'xmppTls'] as const)
    if (listeners[name].enabled && listeners[name].proxyProtocol)
      yield {
        path: ['listeners', name, 'proxyProtocol'],
        found: 'true, with no trustedProxies',
        accepted: 'the balancer among trustedProxies, whose header is then believed; or false',
      };
};

const tenantDomain = eachTenant(function* ({ domain, usernameDomain }, path) {
  if (canonicalDomain(domain) === undefined || domain.startsWith('['))
    yield { path: [...path, 'domain'], found: quoted(domain), accepted: DOMAIN };
  if (usernameDomain !== undefined && canonicalDomain(usernameDomain) === undefined)
    yield { path: [...path, 'usernameDomain'], found: quoted(usernameDomain), accepted: DOMAIN };
});

const domainsApart: Rule = function* ({ domains }) {
  yield* repeated(
    domains,
    ({ domain }) => canonicalDomain(domain),
    ({ index, domain }, first) => ({
      path: ['tenants', index, 'domain'],
      found: `${quoted(domain)}, the domain of tenants[${first.index}] too`,
      accepted: 'a domain that no other tenant has',
    }),
  );
};

const visitorsReserved: Rule = function* ({ domains }) {
  const owners = new Map(domains.map(({ index, domain }) => [`visitors.${canonicalDomain(domain) ?? ''}`, index]));
  for (const { index, domain } of domains) {
    const owner = owners.get(canonicalDomain(domain) ?? '');
    if (owner !== undefined)
      yield {
        path: ['tenants', index, 'domain'],
        found: `${quoted(domain)}, where the visitors of tenants[${owner}] are`,
        accepted: 'a domain that is not "visitors." and the domain of another tenant',
      };
  }
};

const origins = eachTenant(function* ({ allowedOrigins, publicUrl }, path) {
  for (const [index, text] of allowedOrigins.entries())
    if (canonicalOrigin(text) === undefined)
      yield { path: [...path, 'allowedOrigins', index], found: quoted(text), accepted: ORIGIN };
  const url = publicUrl === undefined ? undefined : new URL(publicUrl);
  if (url !== undefined && url.username + url.password + url.search + url.hash !== '')
    yield {
      path: [...path, 'publicUrl'],
      found: 'an address with a user, a query or a fragment',
      accepted: 'an address such as https://chat.acme.example',
    };
});

const timeZone = eachTenant(function* (config, path) {
  if (config.timeZone !== undefined && !isTimeZone(config.timeZone))
    yield {
      path: [...path, 'timeZone'],
      found: quoted(config.timeZone),
      accepted: 'the IANA name of a time zone, such as Europe/Berlin',
    };
});

const hours = eachTenant(function* ({ helpdesk }, path) {
  for (const [index, { from, to }] of (helpdesk.hours ?? []).entries())
    if (from >= to)
      yield {
        path: [...path, 'helpdesk', 'hours', index, 'to'],
        found: `${quoted(to)}, which is not later than ${quoted(from)}`,
        accepted: 'a time later than "from"; for a night, one entry up to 24:00 and one from 00:00',
      };
});

/** Group names that the gateway or an app gives a meaning of its own. libpurple compares them without case. */
const RESERVED_GROUPS = ['visitors (waiting)', 'visitors (chatting)', 'chat gateway', 'buddies'];

const teams = eachTenant(function* ({ helpdesk }, path) {
  const entries = helpdesk.teams.map((team, index) => ({ ...team, path: [...path, 'helpdesk', 'teams', index] }));
  for (const team of entries)
    if (RESERVED_GROUPS.includes(team.name.toLowerCase()))
      yield {
        path: [...team.path, 'name'],
        found: quoted(team.name),
        accepted: 'a name that is not a group of its own',
      };
  yield* repeated(
    entries,
    (team) => team.id,
    (team) => ({
      path: [...team.path, 'id'],
      found: `${quoted(team.id)} twice`,
      accepted: 'an id that no other team of the tenant has',
    }),
  );
  yield* repeated(
    entries,
    (team) => team.name.toLowerCase(),
    (team) => ({
      path: [...team.path, 'name'],
      found: `${quoted(team.name)} twice`,
      accepted: 'a name that no other team of the tenant has (in capitals or not)',
    }),
  );
});

const formFields = eachTenant(function* ({ helpdesk }, path) {
  const entries = helpdesk.form.fields.map((field, index) => ({
    ...field,
    path: [...path, 'helpdesk', 'form', 'fields', index],
  }));
  yield* repeated(
    entries,
    (field) => field.id,
    (field) => ({
      path: [...field.path, 'id'],
      found: `${quoted(field.id)} twice`,
      accepted: 'an id that no other field of the form has',
    }),
  );
});

/** Every name that logs this staff user in. */
function loginNames({ username }: StaffConfig, { domain, usernameDomain }: TenantConfig): string | undefined {
  const suffix = `@${canonicalDomain(usernameDomain ?? '') ?? ''}`;
  const short = username.toLowerCase().endsWith(suffix) ? username.slice(0, -suffix.length) : username;
  return canonicalUsername(usernameDomain === undefined ? username : short, domain);
}

const staff = eachTenant(function* (config, path, { isPasswordHash }) {
  const ids = new Set(config.helpdesk.teams.map((team) => team.id));
  const entries = config.helpdesk.staff.map((member, index) => ({ member, at: [...path, 'helpdesk', 'staff', index] }));
  for (const { member, at } of entries) {
    if (canonicalDomain(config.domain) !== undefined && canonicalUsername(member.username, config.domain) === undefined)
      yield {
        path: [...at, 'username'],
        found: quoted(member.username),
        accepted: 'a name of letters, digits and common signs, without control or invisible characters',
      };
    if (!isPasswordHash(member.hash))
      yield {
        path: [...at, 'hash'],
        found: 'a text that is no password hash',
        accepted: 'what "gateway staff hash" prints',
      };
    for (const [index, team] of member.teams.entries())
      if (!ids.has(team))
        yield {
          path: [...at, 'teams', index],
          found: `${quoted(team)}, which is no team of this tenant`,
          accepted: `the id of a team: ${[...ids].slice(0, 20).join(', ')}`,
          among: [...path, 'helpdesk', 'teams'],
        };
  }
  yield* repeated(
    entries,
    ({ member }) => loginNames(member, config),
    ({ member, at }) => ({
      path: [...at, 'username'],
      found: `${quoted(member.username)}, which logs in somebody else too`,
      accepted: 'a username that no other staff user of the tenant has (in capitals or not)',
    }),
  );
});

const labAdmins = eachTenant(function* ({ helpdesk, lab }, path) {
  if (lab) return;
  for (const [index, { permissions }] of helpdesk.staff.entries()) {
    const at = permissions.indexOf('lab-admin');
    if (at >= 0)
      yield {
        path: [...path, 'helpdesk', 'staff', index, 'permissions', at],
        found: '"lab-admin", on a tenant that is no lab',
        accepted: 'this permission only where the tenant has "lab: true"; accounts of other tenants are made here',
      };
  }
});

const cannedTexts = eachTenant(function* ({ canned }, path) {
  const entries = canned.texts.map((text, index) => ({ ...text, path: [...path, 'canned', 'texts', index] }));
  yield* repeated(
    entries,
    ({ name }) => canonicalTextName(name),
    ({ name, path: at }) => ({
      path: [...at, 'name'],
      found: `${quoted(name)} twice`,
      accepted: 'a name that no other text of the tenant has (in capitals or not)',
    }),
  );
});

const mailServer = eachTenant(function* ({ mail }, path) {
  if (mail === undefined) return;
  if (canonicalDomain(mail.host) === undefined)
    yield { path: [...path, 'mail', 'host'], found: quoted(mail.host), accepted: 'a host name or an address' };
  if ((mail.username === undefined) !== (mail.password === undefined))
    yield {
      path: [...path, 'mail', mail.username === undefined ? 'username' : 'password'],
      found: 'nothing',
      accepted: 'a username and a password, or neither',
    };
  if (mail.password !== undefined && mail.security === 'none')
    yield {
      path: [...path, 'mail', 'security'],
      found: '"none", with a password that anybody could read on its way',
      accepted: '"starttls" or "tls"; or no username and password',
    };
});

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** `https://host` or `https://host:port`, as browsers send it; nothing when the text is more or less than that. */
export function canonicalOrigin(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/u.test(url.protocol)) return undefined;
  const rest = url.username + url.password + url.search + url.hash;
  return rest === '' && url.pathname === '/' && !text.includes('*') ? url.origin : undefined;
}

const rules: readonly Rule[] = [
  hostName,
  listenersApart,
  proxyProtocol,
  proxies,
  tenantDomain,
  domainsApart,
  visitorsReserved,
  origins,
  timeZone,
  hours,
  teams,
  formFields,
  staff,
  labAdmins,
  cannedTexts,
  mailServer,
];

export function findings(config: Checkable): readonly Finding[] {
  return rules.flatMap((rule) => [...rule(config)]);
}
