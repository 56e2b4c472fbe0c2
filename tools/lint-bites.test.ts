import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';

const root = resolve(import.meta.dirname, '..');

/** A violation by its sentence: where it is planted, its text, the rule that must report it, a word of the reason. */
const violations: Record<string, readonly [path: string, text: string, rule: string, reason?: string]> = {
  'a promise that nobody awaits': [
    'gateway/src/desk/floating.ts',
    'async function work(): Promise<void> {}\nexport function start(): void {\n  work();\n}\n',
    'no-floating-promises',
  ],
  'a promise where nothing waits for it': [
    'gateway/src/desk/misused.ts',
    'export function start(each: readonly string[]): void {\n  each.forEach(async () => Promise.resolve());\n}\n',
    'no-misused-promises',
  ],
  'await of what is no promise': [
    'gateway/src/desk/await.ts',
    'export async function start(): Promise<number> {\n  return await 5;\n}\n',
    'await-thenable',
  ],
  'a switch that forgets a case': [
    'gateway/src/desk/switch.ts',
    "export function name(is: 'a' | 'b'): string | undefined {\n  switch (is) {\n    case 'a':\n      return 'A';\n  }\n  return undefined;\n}\n",
    'switch-exhaustiveness-check',
  ],
  any: ['gateway/src/desk/any.ts', 'export const x: any = 1;\n', 'no-explicit-any'],
  'a type imported as a value': [
    'gateway/src/desk/type.ts',
    "import { Stats } from 'node:fs';\nexport type Files = readonly Stats[];\n",
    'consistent-type-imports',
  ],
  'a silenced compiler': ['gateway/src/desk/silent.ts', '// @ts-ignore\nexport const x = 1;\n', 'ban-ts-comment'],
  'the first half of a cycle': [
    'gateway/src/desk/cycle-a.ts',
    "import { b } from './cycle-b.ts';\nexport const a = (): unknown => b;\n",
    'no-cycle',
  ],
  'the other half of a cycle': [
    'gateway/src/desk/cycle-b.ts',
    "import { a } from './cycle-a.ts';\nexport const b = (): unknown => a;\n",
    'no-cycle',
  ],
  'the wall clock': ['gateway/src/desk/now.ts', 'export const t = Date.now();\n', 'no-restricted-properties', 'Clock'],
  'the wall clock by new Date()': [
    'gateway/src/desk/date.ts',
    'export const t = new Date();\n',
    'no-implicit-now',
    'Clock',
  ],
  'an import at run time': [
    'gateway/src/desk/dynamic.ts',
    "export const x = async (): Promise<unknown> => import('../web/target.ts');\n",
    'no-restricted-imports',
    'chat words',
  ],
  'an import by re-export': [
    'gateway/src/desk/re-export.ts',
    "export * from '../web/target.ts';\n",
    'no-restricted-imports',
    'chat words',
  ],
  'the stopwatch': [
    'gateway/src/c2s/now.ts',
    'export const t = performance.now();\n',
    'no-restricted-properties',
    'Clock',
  ],
  'a timer': ['gateway/src/web/timer.ts', 'setTimeout(() => undefined, 1);\n', 'no-restricted-globals', 'Clock'],
  'a timer by way of globalThis': [
    'gateway/src/web/global-timer.ts',
    'globalThis.setInterval(() => undefined, 1);\n',
    'no-restricted-globals',
    'Clock',
  ],
  'a timer by import': [
    'gateway/src/web/imported-timer.ts',
    "import { setTimeout as wait } from 'node:timers/promises';\nexport const later = async (): Promise<void> => wait(1);\n",
    'no-restricted-imports',
    'Clock',
  ],
  'a sleeping test': [
    'gateway/src/web/sleep.test.ts',
    'setTimeout(() => undefined, 1);\n',
    'no-restricted-globals',
    'Clock',
  ],
  'unasked randomness': [
    'gateway/src/bus/random.ts',
    'export const x = Math.random();\n',
    'no-restricted-properties',
    'Randomness',
  ],
  'the environment outside config/': [
    'gateway/src/web/environment.ts',
    'export const x = process.env;\n',
    'no-restricted-properties',
    'environment',
  ],
  'the environment by import': [
    'gateway/src/web/imported-environment.ts',
    "import { env } from 'node:process';\nexport const x = env;\n",
    'no-restricted-imports',
    'environment',
  ],
  'xmpp/ importing the product': importing('xmpp/product.ts', '../helpdesk/target.ts', 'no product'),
  'text/ importing anything': importing('text/more.ts', '../xmpp/target.ts', 'rules on text'),
  'helpdesk/ importing an adapter': importing('helpdesk/adapter.ts', '../connectors/embedded/target.ts', 'chat words'),
  'helpdesk/ importing XML': importing('helpdesk/xml.ts', '../xmpp/target.ts', 'chat words'),
  'desk/ importing the stream': importing('desk/stream.ts', '../c2s/target.ts', 'chat words'),
  'desk/ importing a type of the stream': importing(
    'desk/deep/stream-type.ts',
    '../../c2s/target.ts',
    'chat words',
    true,
  ),
  'desk/ importing elements': importing('desk/elements.ts', '../xmpp/target.ts', 'chat words'),
  'desk/ importing a connector': importing('desk/connector.ts', '../connectors/embedded/target.ts', 'chat words'),
  'desk/ importing one kind of bus': importing('desk/bus.ts', '../bus/memory-bus.ts', 'chat words'),
  'bus/ importing a desk': importing('bus/desk.ts', '../desk/target.ts', 'plain data'),
  'bus/ importing elements': importing('bus/elements.ts', '../xmpp/target.ts', 'plain data'),
  'c2s/ importing an extension': importing('c2s/extension.ts', '../features/target.ts', 'SessionLayer'),
  'c2s/ importing a desk': importing('c2s/desk.ts', '../desk/target.ts', 'SessionLayer'),
  'sasl/ importing a connector': importing('sasl/connector.ts', '../connectors/embedded/target.ts', 'Logins'),
  'routing/ importing the socket': importing('routing/socket.ts', '../c2s/target.ts', 'session.ts'),
  'a feature importing the socket': importing('features/socket.ts', '../c2s/target.ts', 'never sees a socket'),
  'a feature importing another feature': importing('features/one.ts', './target.ts', 'another feature'),
  'a connector importing XML': importing('connectors/embedded/xml.ts', '../../xmpp/target.ts', 'never sees a stanza'),
  'a connector importing an address': importing(
    'connectors/embedded/jid.ts',
    '../../xmpp/jid.ts',
    'never sees a stanza',
  ),
  'a connector importing the stream': importing('connectors/embedded/c2s.ts', '../../c2s/target.ts', 'never sees'),
  'a connector importing another': importing('connectors/chatwoot/other.ts', '../embedded/target.ts', 'strangers'),
  'web/ importing the bus': importing('web/bus.ts', '../bus/port.ts', 'VisitorSite'),
  'web/ importing a desk': importing('web/desk.ts', '../desk/target.ts', 'VisitorSite'),
  'web/ importing a store': importing('web/store.ts', '../connectors/embedded/store/target.ts', 'VisitorSite'),
  'config/ importing a layer': importing('config/layer.ts', '../web/target.ts', 'before anything else'),
  'cli/ importing a layer': importing('cli/layer.ts', '../web/target.ts', 'command line'),
  'a layer importing the core': importing('web/core.ts', '../core.ts', 'composition root'),
  'a layer importing the composition root': importing('web/root.ts', '../gateway.ts', 'composition root'),
  'the XML library outside xmpp/': importing('features/raw.ts', '@xmpp/xml', 'XML library'),
  'SQL outside the store': importing('connectors/embedded/sql.ts', 'node:sqlite', 'embedded/store'),
  'SQL in the bus': importing('bus/sql.ts', 'node:sqlite', 'embedded/store'),
  'Redis without a home': importing('bus/redis.ts', 'ioredis', 'one home'),
};

/** What must not be reported: the same imports where they are at home. */
const permitted: Record<string, readonly [path: string, text: string]> = {
  'SQL in the store': ['gateway/src/connectors/embedded/store/sql.ts', importOf('node:sqlite')],
  'the XML library in xmpp/': ['gateway/src/xmpp/raw.ts', importOf('@xmpp/xml')],
  'desk/ importing the port': ['gateway/src/desk/port.ts', importOf('../helpdesk/target.ts')],
  'desk/ importing an address': ['gateway/src/desk/jid.ts', importOf('../xmpp/jid.ts')],
  'a feature importing what features share': ['gateway/src/features/two.ts', importOf('./feature.ts')],
  'a feature importing its session': ['gateway/src/features/three.ts', importOf('../c2s/session.ts')],
  'the catalogue importing a feature': ['gateway/src/features/catalogue.ts', importOf('./target.ts')],
  'the wall clock in runtime/': ['runtime/src/now.ts', 'export const t = Date.now();\n'],
  'a date of a known time': ['gateway/src/desk/known-date.ts', 'export const t = new Date(5);\n'],
  'the environment in config/': ['gateway/src/config/environment.ts', 'export const x = process.env;\n'],
  'the composition root importing a layer': ['gateway/src/gateway.ts', importOf('./web/target.ts')],
};

function importOf(specifier: string, type = false): string {
  return `import ${type ? 'type ' : ''}* as target from '${specifier}';\nexport ${type ? 'type X = typeof target' : 'const x = target'};\n`;
}

function importing(path: string, specifier: string, reason: string, type = false) {
  return [`gateway/src/${path}`, importOf(specifier, type), 'no-restricted-imports', reason] as const;
}

interface Diagnostic {
  readonly message: string;
  readonly code: string;
  readonly help?: string;
  readonly filename: string;
}

describe('the linter bites', () => {
  let copy: string;
  let found: readonly Diagnostic[];

  before(() => {
    copy = mkdtempSync(join(tmpdir(), 'lint-bites-'));
    for (const path of [
      'oxlint.config.ts',
      'tools/import-rules.ts',
      'tools/lint-clock.ts',
      'tsconfig.json',
      'package.json',
    ])
      cpSync(join(root, path), join(copy, path));
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    for (const [path, text] of [...Object.values(violations), ...Object.values(permitted)]) {
      mkdirSync(dirname(join(copy, path)), { recursive: true });
      writeFileSync(join(copy, path), text);
    }
    let output: string;
    try {
      output = execFileSync(join(root, 'node_modules/.bin/oxlint'), ['--format', 'json'], {
        cwd: copy,
        encoding: 'utf8',
        maxBuffer: 1 << 26,
      });
    } catch (error) {
      // it exits 1 where it found something
      output = (error as { stdout: string }).stdout;
    }
    found = (JSON.parse(output) as { diagnostics: Diagnostic[] }).diagnostics;
  });
  after(() => {
    rmSync(copy, { recursive: true, force: true });
  });

  const reported = (path: string) => found.filter((diagnostic) => diagnostic.filename === path);

  for (const [name, [path, , rule, reason = '']] of Object.entries(violations)) {
    it(`on ${name}`, () => {
      const hits = reported(path).filter(({ code }) => code.endsWith(`(${rule})`));
      assert.ok(hits.length > 0, `${path}: nothing from ${rule}`);
      assert.ok(
        hits.some(({ message, help }) => `${message} ${help ?? ''}`.includes(reason)),
        `the reason is not told: ${JSON.stringify(hits)}`,
      );
    });
  }
  for (const [name, [path]] of Object.entries(permitted)) {
    it(`not on ${name}`, () => {
      assert.deepEqual(reported(path), []);
    });
  }
});
