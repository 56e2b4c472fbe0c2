import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from './clock.ts';
import { createLogger, type LoggerOptions } from './create-logger.ts';

function logger(format: LoggerOptions['format'], level: LoggerOptions['level'] = 'info') {
  const lines: string[] = [];
  const sink = { write: (line: string) => void lines.push(line), dropped: 0, close: async () => Promise.resolve() };
  return { lines, log: createLogger({ level, sink, clock: new ManualClock(Date.UTC(2026, 0, 5, 14, 2)), format }) };
}

const parsed = (line: string | undefined): unknown => JSON.parse(line ?? '');

describe('a log line for machines', () => {
  it('is one JSON object with level, time, facts and message', () => {
    const { log, lines } = logger('json');
    log.info({ tenant: 'acme.example', sessions: 3 }, 'started');
    assert.deepEqual(parsed(lines[0]), {
      level: 30,
      time: Date.UTC(2026, 0, 5, 14, 2),
      tenant: 'acme.example',
      sessions: 3,
      msg: 'started',
    });
    assert.equal(lines.join('').split('\n').length, 2);
  });
  it('is written from the chosen level on', () => {
    const { log, lines } = logger('json', 'warn');
    log.debug({}, 'a');
    log.info({}, 'b');
    log.warn({}, 'c');
    log.error({}, 'd');
    assert.deepEqual(
      lines.map((line) => (parsed(line) as { msg: string }).msg),
      ['c', 'd'],
    );
  });
  it('has the facts of the logger that it comes from', () => {
    const { log, lines } = logger('json');
    log.child({ tenant: 'acme.example', password: 'x' }).info({ pod: 'a' }, 'hello');
    const { tenant, pod, password } = parsed(lines[0]) as Record<string, unknown>;
    assert.deepEqual({ tenant, pod, password }, { tenant: 'acme.example', pod: 'a', password: '[redacted]' });
  });

  const secrets = [
    'password',
    'Password',
    'token',
    'resumeToken',
    'secret',
    'ticket',
    'cookie',
    'authorization',
    'body',
    'text',
    'hash',
    'privateKey',
  ];
  for (const name of secrets) {
    it(`never has a fact called ${name}, however deep`, () => {
      const { log, lines } = logger('json');
      log.error({ [name]: 'hunter2', deep: { [name]: 'hunter2' }, many: [{ [name]: 'hunter2' }] }, 'oh');
      assert.ok(!lines.join('').includes('hunter2'), lines.join(''));
      assert.ok(lines.join('').includes('[redacted]'));
    });
  }
  it('is bounded: long texts, many facts, deep and looped objects', () => {
    const { log, lines } = logger('json');
    const looped: Record<string, unknown> = { name: 'loop' };
    looped['self'] = looped;
    const many = Object.fromEntries([...Array(10_000)].map((_, index) => [`fact${index}`, index]));
    log.info({ long: 'x'.repeat(100_000), looped, many, list: Array(10_000).fill(1) }, 'much');
    assert.ok((lines[0] ?? '').length < 4_000, `${(lines[0] ?? '').length}`);
  });
  it('shows an error with its kind, code, stack and cause', () => {
    const { log, lines } = logger('json');
    const error = Object.assign(new TypeError('no', { cause: new Error('deeper') }), {
      code: 'EPIPE',
      password: 'hunter2',
    });
    log.error({ err: error }, 'oh');
    const { err } = parsed(lines[0]) as {
      err: { type: string; code: string; stack: string; cause: { message: string } };
    };
    assert.equal(err.type, 'TypeError');
    assert.equal(err.code, 'EPIPE');
    assert.match(err.stack, /create-logger\.test/u);
    assert.equal(err.cause.message, 'deeper');
    assert.ok(!lines.join('').includes('hunter2'));
  });
});

describe('a log line for people', () => {
  it('has time, level, message and facts, without color where none is wanted', () => {
    const { log, lines } = logger('pretty');
    log.warn({ tenant: 'acme.example', why: 'not today' }, 'a certificate is kept');
    assert.match(
      lines[0] ?? '',
      /^\d\d:\d\d:\d\d warn {2}a certificate is kept {2}tenant=acme\.example why="not today"\n$/u,
    );
  });
  it('has color where it is wanted', () => {
    const { log, lines } = logger('color');
    log.error({}, 'oh');
    assert.ok(lines[0]?.includes('\u001b[31merror\u001b[0m'));
  });
  it('stays one line and moves no cursor, whatever is in it', () => {
    const { log, lines } = logger('pretty');
    log.info({ resource: 'a\nb\u001b[2J\u2028c\u202ed' }, 'x\r\ny');
    assert.doesNotMatch((lines[0] ?? '').slice(0, -1), /[\p{Cc}\p{Cf}\u2028]/u);
  });
  it('has the stack of an error below it', () => {
    const { log, lines } = logger('pretty');
    log.error({ err: new Error('no') }, 'oh');
    assert.match(lines[0] ?? '', /error oh {2}err=no\n {4}at /u);
  });
});
