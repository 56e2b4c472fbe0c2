import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileSink } from './line-sink.ts';

describe('where log lines go', () => {
  it('writes every line in order', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'sink-'));
    t.after(() => {
      rmSync(folder, { recursive: true });
    });
    const descriptor = openSync(join(folder, 'log'), 'w');
    const sink = fileSink(descriptor);
    const lines = [...Array(1_000)].map((_, index) => `line ${index}\n`);
    for (const line of lines) sink.write(line);
    await sink.close(5_000);
    closeSync(descriptor);
    assert.equal(readFileSync(join(folder, 'log'), 'utf8'), lines.join(''));
    assert.equal(sink.dropped, 0);
  });

  it('stops neither the program nor its end when the reader stops reading', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'sink-'));
    t.after(() => {
      rmSync(folder, { recursive: true });
    });
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    // open for reading and writing, so that opening waits for nobody; nothing is ever read from it
    const descriptor = openSync(pipe, 'r+');
    const program = `
      const { fileSink } = await import(${JSON.stringify(join(import.meta.dirname, 'line-sink.ts'))});
      const sink = fileSink(2);
      for (let turn = 0; turn < 50; turn++) {
        for (let line = 0; line < 100; line++) sink.write('x'.repeat(1000) + '\\n');
        await new Promise((resolve) => setImmediate(resolve));
      }
      await sink.close(100);
      process.stdout.write(sink.dropped > 0 ? 'dropped' : 'kept');
      process.exit(0);`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', descriptor],
    });
    const said: Buffer[] = [];
    child.stdout?.on('data', (data: Buffer) => said.push(data));
    const [code] = (await once(child, 'exit')) as [number | null];
    closeSync(descriptor);
    assert.equal(code, 0);
    assert.equal(Buffer.concat(said).toString(), 'dropped');
  });
});
