import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ConfigError, problemReport } from './problem.ts';
import { readConfig } from './read-config.ts';

const isPasswordHash = (text: string) => text.startsWith('$argon2id$');
const read = (text: string) => readConfig(text, { source: 'gateway.yaml', isPasswordHash }).config;

/** A small configuration that is right, with one part of it replaced. */
function file(part: { top?: string; tenant?: string; helpdesk?: string; teams?: string; staff?: string } = {}): string {
  return `${part.top ?? ''}
tenants:
  - domain: acme.chat.example.com
${part.tenant ?? ''}
    helpdesk:
      kind: embedded
${part.helpdesk ?? ''}
      teams:
${part.teams ?? '        - { id: sales, name: Sales }'}
      staff:
${part.staff ?? '        - { username: jesse, name: Jesse, hash: $argon2id$x, teams: [sales] }'}
`;
}

function problems(text: string) {
  try {
    read(text);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.problems;
  }
  return [];
}

describe('a configuration file', () => {
  it('needs tenants only', () => {
    const config = read('tenants: []');
    assert.equal(config.listeners.xmpp.port, 5222);
    assert.equal(config.listeners.operations.host, '127.0.0.1');
    assert.equal(config.limits.resourcesPerAccount, 10);
  });
  it('has names, domains and origins in one form, however they are written', () => {
    const config = read(
      file({
        top: 'hostName: Chat.Example.COM.',
        tenant: '    allowedOrigins: ["https://WWW.acme.example:443/"]',
        staff: '        - { username: " Jesse.O ", name: Jesse, hash: $argon2id$x, teams: [sales] }',
      }).replace('acme.chat.example.com', 'Bücher.Example.'),
    );
    assert.equal(config.hostName, 'chat.example.com');
    const [tenant] = config.tenants;
    assert.equal(tenant?.domain, 'xn--bcher-kva.example');
    assert.deepEqual(tenant.allowedOrigins, ['https://www.acme.example']);
    assert.equal(tenant.helpdesk.staff[0]?.username, 'jesse.o');
  });
  it('may make a tenant a lab, with administrators', () => {
    const staff = '        - { username: jesse, name: J, hash: $argon2id$x, teams: [], permissions: [lab-admin] }';
    const [tenant] = read(file({ staff, tenant: '    lab: true' })).tenants;
    assert.equal(tenant?.lab, true);
    assert.deepEqual(tenant.helpdesk.staff[0]?.permissions, ['lab-admin']);
    assert.equal(read(file()).tenants[0]?.lab, false);
  });
  it('keeps a user name that is an e-mail address', () => {
    const staff = '        - { username: Jesse@Acme.com, name: Jesse, hash: $argon2id$x, teams: [] }';
    assert.equal(read(file({ staff })).tenants[0]?.helpdesk.staff[0]?.username, 'jesse@acme.com');
  });

  const wrong: Record<string, readonly [text: string, path: string, found: RegExp, accepted: RegExp]> = {
    'a port that is a text': [
      file({ top: 'listeners: { xmpp: { port: "5222" } }' }),
      'listeners.xmpp.port',
      /"5222"/u,
      /a whole number from 0 to 65535/u,
    ],
    'a port out of range': [
      file({ top: 'listeners: { web: { port: 70000 } }' }),
      'listeners.web.port',
      /70000/u,
      /from 0 to 65535/u,
    ],
    'a key with a slip of the finger': [
      file({ tenant: '    timezone: Europe/Berlin' }),
      'tenants[0].timezone',
      /not known/u,
      /did you mean "timeZone"/u,
    ],
    'a key that nobody can have meant': [
      file({ top: 'colour: red' }),
      'colour',
      /not known/u,
      /^dataDir, hostName, .*[^)]$/u,
    ],
    'a missing field': ['tenants: [{ domain: a.example }]', 'tenants[0].helpdesk', /^nothing$/u, /kind, teams, staff/u],
    'no tenants at all': ['hostName: a.example', 'tenants', /^nothing$/u, /a list/u],
    'an unknown strategy': [
      file({ helpdesk: '      ring: { strategy: random }' }),
      'tenants[0].helpdesk.ring.strategy',
      /"random"/u,
      /"round-robin" or "open-queue"/u,
    ],
    'a ring that is too short': [
      file({ helpdesk: '      ring: { seconds: 1 }' }),
      'tenants[0].helpdesk.ring.seconds',
      /^1$/u,
      /from 5 to 600/u,
    ],
    'a helpdesk of an unknown kind': [
      file().replace('kind: embedded', 'kind: zendesk'),
      'tenants[0].helpdesk.kind',
      /zendesk/u,
      /"embedded"/u,
    ],
    'a domain that is none': [
      file().replace('acme.chat.example.com', 'not a domain'),
      'tenants[0].domain',
      /not a domain/u,
      /acme\.chat/u,
    ],
    'a domain twice, in capitals and with a final dot': [
      `tenants:\n${['acme.example', 'ACME.example.'].map((domain) => `  - { domain: ${domain}, helpdesk: { kind: embedded, teams: [{ id: a, name: A }], staff: [] } }`).join('\n')}`,
      'tenants[1].domain',
      /the domain of tenants\[0\] too/u,
      /no other tenant/u,
    ],
    "a domain that is another tenant's visitors": [
      `tenants:\n${['visitors.acme.example', 'acme.example'].map((domain) => `  - { domain: ${domain}, helpdesk: { kind: embedded, teams: [{ id: a, name: A }], staff: [] } }`).join('\n')}`,
      'tenants[0].domain',
      /visitors of tenants\[1\]/u,
      /"visitors\."/u,
    ],
    'a team twice': [
      file({ teams: '        - { id: sales, name: Sales }\n        - { id: sales, name: Other }' }),
      'tenants[0].helpdesk.teams[1].id',
      /twice/u,
      /no other team/u,
    ],
    'a field of the form twice': [
      file({}).replace(
        '      staff:',
        '      form: { fields: [{ id: a, label: A }, { id: a, label: B }] }\n      staff:',
      ),
      'tenants[0].helpdesk.form.fields[1].id',
      /twice/u,
      /no other field/u,
    ],
    'two teams that libpurple takes for one group': [
      file({ teams: '        - { id: sales, name: Sales }\n        - { id: b, name: SALES }' }),
      'tenants[0].helpdesk.teams[1].name',
      /twice/u,
      /capitals/u,
    ],
    'a team called like a group of the visitors': [
      file({ teams: '        - { id: sales, name: visitors (Waiting) }' }),
      'tenants[0].helpdesk.teams[0].name',
      /Waiting/u,
      /group/u,
    ],
    'a team id with a space': [
      file({ teams: '        - { id: "our sales", name: Sales }' }),
      'tenants[0].helpdesk.teams[0].id',
      /our sales/u,
      /lower-case letters/u,
    ],
    'a staff user of an unknown team': [
      file({ staff: '        - { username: jesse, name: Jesse, hash: $argon2id$x, teams: [support] }' }),
      'tenants[0].helpdesk.staff[0].teams[0]',
      /"support", which is no team/u,
      /sales/u,
    ],
    'an administrator of accounts where there is no lab': [
      file({
        staff:
          '        - { username: jesse, name: Jesse, hash: $argon2id$x, teams: [], permissions: [observe, lab-admin] }',
      }),
      'tenants[0].helpdesk.staff[0].permissions[1]',
      /no lab/u,
      /lab: true/u,
    ],
    'a username twice, in capitals': [
      file({
        staff:
          '        - { username: jesse, name: Jesse, hash: $argon2id$x, teams: [] }\n        - { username: JESSE, name: J, hash: $argon2id$x, teams: [] }',
      }),
      'tenants[0].helpdesk.staff[1].username',
      /somebody else/u,
      /no other staff user/u,
    ],
    'two usernames that are one by the usernameDomain': [
      file({
        tenant: '    usernameDomain: acme.com',
        staff:
          '        - { username: jesse, name: Jesse, hash: $argon2id$x, teams: [] }\n        - { username: jesse@ACME.com, name: J, hash: $argon2id$x, teams: [] }',
      }),
      'tenants[0].helpdesk.staff[1].username',
      /somebody else/u,
      /no other staff user/u,
    ],
    'a password where its hash belongs': [
      file({ staff: '        - { username: jesse, name: Jesse, hash: hunter2, teams: [] }' }),
      'tenants[0].helpdesk.staff[0].hash',
      /^a text that is no password hash$/u,
      /gateway staff hash/u,
    ],
    'an unknown time zone': [
      file({ tenant: '    timeZone: Europe/Atlantis' }),
      'tenants[0].timeZone',
      /Atlantis/u,
      /Europe\/Berlin/u,
    ],
    'hours that end before they begin': [
      file({ helpdesk: '      hours: [{ days: [mon], from: "22:00", to: "06:00" }]' }),
      'tenants[0].helpdesk.hours[0].to',
      /not later than "22:00"/u,
      /24:00/u,
    ],
    'a time of day that is none': [
      file({ helpdesk: '      hours: [{ days: [mon], from: "9", to: "25:00" }]' }),
      'tenants[0].helpdesk.hours[0].from',
      /"9"/u,
      /such as 09:00/u,
    ],
    'a day that is none': [
      file({ helpdesk: '      hours: [{ days: [mo], from: "09:00", to: "17:00" }]' }),
      'tenants[0].helpdesk.hours[0].days[0]',
      /"mo"/u,
      /"mon"/u,
    ],
    'an origin with a path': [
      file({ tenant: '    allowedOrigins: ["https://acme.example/shop"]' }),
      'tenants[0].allowedOrigins[0]',
      /shop/u,
      /origin/u,
    ],
    'an origin that is everything': [
      file({ tenant: '    allowedOrigins: ["*"]' }),
      'tenants[0].allowedOrigins[0]',
      /\*/u,
      /origin/u,
    ],
    'an origin with a star': [
      file({ tenant: '    allowedOrigins: ["https://*.acme.example"]' }),
      'tenants[0].allowedOrigins[0]',
      /\*/u,
      /origin/u,
    ],
    'a public address that is not of the web': [
      file({ tenant: '    publicUrl: ftp://acme.example' }),
      'tenants[0].publicUrl',
      /ftp/u,
      /https:\/\//u,
    ],
    'a proxy that is no address': [
      file({ top: 'trustedProxies: [10.0.0.0/33]' }),
      'trustedProxies[0]',
      /10\.0\.0\.0\/33/u,
      /IP address or range/u,
    ],
    'the PROXY protocol without anybody who may speak it': [
      file({ top: 'listeners: { xmpp: { proxyProtocol: true } }' }),
      'listeners.xmpp.proxyProtocol',
      /no trustedProxies/u,
      /the balancer/u,
    ],
    'two listeners on one port': [
      file({ top: 'listeners: { web: { port: 5222 } }' }),
      'listeners.web.port',
      /the port of xmpp too/u,
      /its own/u,
    ],
    'a file that is a list': ['- a', '', /a list/u, /keys with values: dataDir/u],
  };
  for (const [name, [text, path, found, accepted]] of Object.entries(wrong)) {
    it(`tells ${name}`, () => {
      const all = problems(text);
      const problem = all.find((one) => one.path === path);
      assert.ok(problem !== undefined, JSON.stringify(all));
      assert.match(problem.found, found);
      assert.match(problem.accepted, accepted);
      assert.ok(problem.at !== undefined);
    });
  }

  it('tells every problem at once, those between fields too', () => {
    const text = file({
      top: 'listeners: { xmpp: { prot: 1 }, web: { port: -1 } }\ntrustedProxies: [x]\nhostName: "a b"',
      tenant: '    timeZone: Nowhere\n    foo: 1',
      staff:
        '        - { username: jesse, name: "", hash: x, teams: [nobody] }\n        - { username: a, name: A, hash: x, teams: [nobody] }',
    });
    assert.deepEqual(
      problems(text)
        .map(({ path }) => path)
        .sort(),
      [
        'hostName',
        'listeners.web.port',
        'listeners.xmpp.prot',
        'tenants[0].foo',
        'tenants[0].helpdesk.staff[0].name',
        'tenants[0].helpdesk.staff[0].hash',
        'tenants[0].helpdesk.staff[0].teams[0]',
        'tenants[0].helpdesk.staff[1].hash',
        'tenants[0].helpdesk.staff[1].teams[0]',
        'tenants[0].timeZone',
        'trustedProxies[0]',
      ].sort(),
    );
  });
  it('tells what is wrong behind something else that is wrong, with the place that it has in the file', () => {
    const text = file({
      helpdesk:
        '      hours: [{ days: [mo], from: "09:00", to: "10:00" }, { days: [mon], from: "12:00", to: "11:00" }]',
      staff: [
        '{ name: No Name, hash: x, teams: [nobody] }',
        'nonsense',
        '{ username: a, name: A, hash: x, teams: [nobody] }',
      ]
        .map((one) => `        - ${one}`)
        .join('\n'),
    });
    assert.deepEqual(
      problems(text).map(({ path }) => path.replace('tenants[0].helpdesk.', '')),
      [
        'hours[0].days[0]',
        'hours[1].to',
        'staff[0].username',
        'staff[0].hash',
        'staff[0].teams[0]',
        'staff[1]',
        'staff[2].hash',
        'staff[2].teams[0]',
      ],
    );
  });
  it('a team that has something else wrong with it is not told as missing', () => {
    const text = `tenants:\n  - domain: acme.test\n    helpdesk:\n      kind: embedded\n      teams: [{ id: sales }]\n      staff: [{ username: a, name: A, hash: "$argon2id$x", teams: [sales] }]\n`;
    assert.deepEqual(
      problems(text).map(({ path }) => path),
      ['tenants[0].helpdesk.teams[0].name'],
    );
  });
  it('a domain that two tenants have is told, whatever else is wrong with them', () => {
    const text = `tenants:\n  - domain: acme.test\n  - domain: ACME.test\n`;
    assert.ok(problems(text).some(({ path, found }) => path === 'tenants[1].domain' && found.includes('tenants[0]')));
  });
  it('says line and column of what is wrong', () => {
    const [problem] = problems('hostName: a.example\nlisteners:\n  web:\n    port: x\ntenants: []\n');
    assert.deepEqual(problem?.at, { line: 4, column: 11 });
    const [unknown] = problems('hostName: a.example\ntenants: []\n  \nfoo: 1\n');
    assert.deepEqual(unknown?.at, { line: 4, column: 1 });
  });
  it('shows no password, hash or secret in a problem', () => {
    const text = file({
      helpdesk: '      webhook: { url: "https://a.example", secret: hunter2 }',
      staff: '        - { username: jesse, name: Jesse, hash: [hunter2], teams: [] }',
    });
    const report = problemReport('gateway.yaml', problems(text));
    assert.ok(!report.includes('hunter2'), report);
    assert.match(
      report,
      /webhook\.secret\n +found: +a value that is not shown here\n +accepted: a text of at least 16 char/u,
    );
  });
  it('tells a syntax error, a key twice and a tag', () => {
    assert.match(problems('tenants: [')[0]?.accepted ?? '', /YAML/u);
    assert.deepEqual(problems('tenants: []\ntenants: []')[0]?.at, { line: 2, column: 1 });
    assert.equal(problems('tenants: !!set {}')[0]?.accepted, 'YAML 1.2');
  });
  it('is not led astray by keys of the language', () => {
    const text = 'tenants: []\n__proto__: { hostName: evil.example }\nconstructor: 1\n';
    assert.deepEqual(
      problems(text)
        .map(({ path }) => path)
        .sort(),
      ['__proto__', 'constructor'],
    );
    assert.equal(({} as Record<string, unknown>)['hostName'], undefined);
  });
  it('survives a laughing file', () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefgh'.replace(
      /./gu,
      (letter) =>
        `${letter}: &${letter} [${Array(9)
          .fill(`*${String.fromCharCode(letter.charCodeAt(0) - 1)}`)
          .join(',')}]\n`,
    )}tenants: []\n`;
    assert.ok(problems(bomb).length > 0);
  });
  it('answers with a configuration or with problems, never with another error', () => {
    const value: fc.Arbitrary<unknown> = fc.anything({ withNullPrototype: false, maxDepth: 4 });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          value.map((any) => `tenants: ${JSON.stringify(any) ?? 'null'}`),
        ),
        (text) => {
          try {
            read(text);
          } catch (error) {
            assert.ok(error instanceof ConfigError, String(error));
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
