import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Command, readArguments } from './arguments.ts';

const start = (overrides: object = {}, more: object = {}) => ({
  do: 'start',
  overrides: { ports: {}, ...overrides },
  ...more,
});

const understood: Record<string, unknown> = {
  '': start(),
  start: start(),
  '--config gateway.yaml': start({}, { file: 'gateway.yaml' }),
  'start --config=gateway.yaml': start({}, { file: 'gateway.yaml' }),
  '--xmpp-port 6222 --xmpp-tls-port 6223 --web-port 0 --web-tls-port 1 --operations-port 65535': start({
    ports: { xmpp: 6222, xmppTls: 6223, web: 0, webTls: 1, operations: 65_535 },
  }),
  '--data-dir /tmp/x --log-level debug': start({ dataDir: '/tmp/x', logLevel: 'debug' }),
  '--help': { do: 'help' },
  'start -h': { do: 'help' },
  help: { do: 'help' },
  '--version': { do: 'version' },
  '-V': { do: 'version' },
  'config check gateway.yaml': { do: 'check-config', file: 'gateway.yaml' },
  'config check --config gateway.yaml': { do: 'check-config', file: 'gateway.yaml' },
  'staff hash': { do: 'hash' },
};

const refused: Record<string, readonly [problem: RegExp, hint: RegExp]> = {
  '--web-prot 1': [/unknown option --web-prot/u, /Did you mean --web-port\?/u],
  '--frobnicate': [/unknown option --frobnicate/u, /gateway --help/u],
  '-x': [/unknown option -x/u, /--help/u],
  '--web-port': [/--web-port needs a value/u, /--help/u],
  '--web-port=': [/--web-port needs a value/u, /--help/u],
  '--web-port http': [/http is no port/u, /0 \(any free one\) to 65535/u],
  '--web-port 65536': [/65536 is no port/u, /65535/u],
  '--web-port -1': [/-1 is no port/u, /65535/u],
  '--web-port 1 --web-port 2': [/given twice/u, /--help/u],
  '--log-level loud': [/loud is unknown/u, /debug, info, warn, error/u],
  strat: [/unknown command "strat"/u, /Did you mean "start"\?/u],
  'start gateway.yaml': [/what is "gateway\.yaml"/u, /"--"/u],
  'config check': [/takes one file/u, /gateway config check gateway\.yaml/u],
  'config check a b': [/takes one file/u, /For example/u],
  'config chekc a': [/unknown command "config chekc"/u, /Did you mean "config check"\?/u],
  'staff hash hunter2': [/takes no arguments/u, /asks for the password/u],
};

const argv = (line: string) => line.split(' ').filter((word) => word !== '');

describe('the command line', () => {
  for (const [line, command] of Object.entries(understood)) {
    it(`understands "gateway ${line}"`, () => {
      assert.deepEqual(readArguments(argv(line)), command);
    });
  }
  for (const [line, [problem, hint]] of Object.entries(refused)) {
    it(`refuses "gateway ${line}" with a hint`, () => {
      const command: Command = readArguments(argv(line));
      assert.ok(command.do === 'refuse', JSON.stringify(command));
      assert.match(command.problem, problem);
      assert.match(command.hint, hint);
      assert.ok(!command.problem.includes('hunter2'));
    });
  }
  it('always answers', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom('--config', 'start', 'config', 'check', '--'))),
        (words) => {
          assert.ok(typeof readArguments(words).do === 'string');
        },
      ),
    );
  });
});
