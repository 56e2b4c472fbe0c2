import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { ManualClock, silentLogger } from '@chat-gateway/runtime';
import { watchConfig } from './config-watch.ts';
import { loadConfigFile } from './file-source.ts';
import { LiveTenants } from './live-tenants.ts';
import { ConfigError, problemLine } from './problem.ts';

const folder = mkdtempSync(join(tmpdir(), 'canned-'));
after(() => {
  rmSync(folder, { recursive: true });
});

const options = { isPasswordHash: () => true };
let count = 0;

/** A configuration in a folder of its own, beside these files. */
function written(canned: string, files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  const at = join(folder, String(count++));
  mkdirSync(join(at, 'texts'), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(at, name), text);
  const file = join(at, 'gateway.yaml');
  writeFileSync(file, configOf(canned));
  return file;
}

const configOf = (canned: string) =>
  `tenants:\n  - domain: a.example\n    canned: ${canned}\n    helpdesk: { kind: embedded, teams: [{ id: a, name: A }], staff: [] }\n`;

const textsIn = async (file: string) => (await loadConfigFile(file, options)).tenants[0]?.canned.texts;

async function problemIn(file: string): Promise<string> {
  try {
    await loadConfigFile(file, options);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.problems.map(problemLine).join('\n');
  }
  return assert.fail('no problem');
}

describe('canned texts', () => {
  it('are in the configuration itself', async () => {
    const file = written('{ texts: [{ name: hello, text: "Hello {visitor}" }] }');
    assert.deepEqual(await textsIn(file), [{ name: 'hello', text: 'Hello {visitor}' }]);
  });

  it('are the files of a folder, each named as its file is; other files are none', async () => {
    const file = written('{ from: texts, texts: [{ name: hello, text: Hi }] }', {
      'texts/refund.txt': 'You get it back.\n\nIn a week.\n',
      'texts/Opening hours.md': '\ufeffMonday to Friday',
      'texts/.hidden.txt': 'no',
      'texts/picture.png': 'no',
    });
    assert.deepEqual(await textsIn(file), [
      { name: 'hello', text: 'Hi' },
      { name: 'Opening hours', text: 'Monday to Friday' },
      { name: 'refund', text: 'You get it back.\n\nIn a week.' },
    ]);
  });

  it('are a list in a file', async () => {
    const file = written('{ from: texts.yaml }', {
      'texts.yaml': '- name: hello\n  text: |\n    Hello,\n    what can I do?\n- { name: bye, text: Bye }\n',
    });
    assert.deepEqual(await textsIn(file), [
      { name: 'hello', text: 'Hello,\nwhat can I do?\n' },
      { name: 'bye', text: 'Bye' },
    ]);
    assert.deepEqual(await textsIn(written('{ from: empty.yaml }', { 'empty.yaml': '' })), []);
  });

  const wrong: Readonly<Record<string, readonly [string, Readonly<Record<string, string | Uint8Array>>, RegExp]>> = {
    'a place that is not there': ['{ from: nowhere }', {}, /canned\.from: .*nowhere, which does not exist/u],
    'an empty text': ['{ from: texts }', { 'texts/a.txt': ' \n' }, /a\.txt, which is empty or too long/u],
    'a text that is too long': ['{ from: texts }', { 'texts/a.txt': 'x'.repeat(4_001) }, /too long/u],
    'a file that is too large': ['{ from: texts }', { 'texts/a.txt': ' '.repeat(40_000) }, /too large/u],
    'a file that is no text': ['{ from: texts }', { 'texts/a.txt': Buffer.from([0xff, 0xfe]) }, /no UTF-8/u],
    'a name that is too long': ['{ from: texts }', { [`texts/${'n'.repeat(61)}.txt`]: 'x' }, /name is too long/u],
    'two texts of one name': [
      '{ from: texts, texts: [{ name: Hello, text: Hi }] }',
      { 'texts/hello.txt': 'Hello' },
      /“hello” is the name of a second text/u,
    ],
    'two texts of one name in the configuration': [
      '{ texts: [{ name: Hello, text: a }, { name: "hello ", text: b }] }',
      {},
      /canned\.texts\[1\]\.name: "hello" twice/u,
    ],
    'a list with something else in it': ['{ from: t.yaml }', { 't.yaml': '- hello\n' }, /entry 1, which is no name/u],
    'no YAML': ['{ from: t.yaml }', { 't.yaml': '- [' }, /t\.yaml, where /u],
    'an alias that leads nowhere': ['{ from: t.yaml }', { 't.yaml': '- *x\n' }, /t\.yaml, where /u],
  };
  for (const [name, [canned, files, found]] of Object.entries(wrong))
    it(`${name} is a problem`, async () => {
      assert.match(await problemIn(written(canned, files)), found);
    });

  it('that change in their folder are taken over, and those that are wrong then change nothing', async () => {
    const file = written('{ from: texts }', { 'texts/a.txt': 'one' });
    const running = await loadConfigFile(file, options);
    const clock = new ManualClock();
    const live = new LiveTenants(running.tenants);
    const warned: string[] = [];
    const log = { ...silentLogger, warn: (_: object, message: string) => warned.push(message) };
    const load = () => loadConfigFile(file, options);
    const watch = await watchConfig({ file, running, load, tenants: live, clock, log });
    const texts = () => live.list()[0]?.config.canned.texts.map(({ text }) => text) ?? [];
    const until = async (isSo: () => boolean) => {
      for (let turn = 0; turn < 20_000 && !isSo(); turn++) {
        await clock.advance(100);
        await stat(folder);
      }
      assert.ok(isSo(), `not so after a while: ${texts().join()}`);
    };
    writeFileSync(join(file, '../texts/a.txt'), 'two');
    await until(() => texts().join() === 'two');
    writeFileSync(join(file, '../texts/b.txt'), 'three');
    await until(() => texts().join() === 'two,three');
    rmSync(join(file, '../texts/a.txt'));
    await until(() => texts().join() === 'three');
    writeFileSync(join(file, '../texts/c.txt'), '');
    await until(() => warned.length > 0);
    assert.deepEqual(texts(), ['three']);
    writeFileSync(join(file, '../texts/c.txt'), 'four');
    await until(() => texts().join() === 'three,four');
    writeFileSync(file, configOf('{ from: ../more }'));
    mkdirSync(join(folder, 'more'), { recursive: true });
    writeFileSync(join(folder, 'more/d.txt'), 'five');
    await until(() => texts().join() === 'five');
    writeFileSync(join(folder, 'more/d.txt'), 'six');
    await until(() => texts().join() === 'six');
    watch.stop();
  });
});

describe('a mail server', () => {
  const withMail = (mail: string) => {
    const file = written('{}');
    writeFileSync(file, configOf('{}') + `    mail: ${mail}\n`);
    return file;
  };
  const wrong: Readonly<Record<string, readonly [string, RegExp]>> = {
    'without a sender': ['{ host: mail.example }', /mail\.from: nothing; accepted: an e-mail address/u],
    'with a username alone': ['{ host: mail.example, from: a@b.example, username: u }', /mail\.password: nothing/u],
    'whose password would go in clear': [
      '{ host: mail.example, from: a@b.example, username: u, password: p, security: none }',
      /mail\.security: "none", with a password/u,
    ],
    'with a host that is none': ['{ host: "mail example", from: a@b.example }', /mail\.host: "mail example"/u],
    'with a password that is not shown': ['{ host: m.example, from: x, username: u, password: 7 }', /not shown/u],
  };
  for (const [name, [mail, found]] of Object.entries(wrong))
    it(`${name} is a problem`, async () => {
      assert.match(await problemIn(withMail(mail)), found);
    });
  it('needs a host and a sender', async () => {
    const [tenant] = (await loadConfigFile(withMail('{ host: mail.example, from: a@b.example }'), options)).tenants;
    assert.deepEqual(tenant?.mail, {
      host: 'mail.example',
      port: 587,
      security: 'starttls',
      from: 'a@b.example',
    });
  });
});
