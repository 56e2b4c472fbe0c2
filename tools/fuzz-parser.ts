/**
 * Compares the stream parser with another strict parser on generated streams.
 *
 *   npm run fuzz:parser -- [count, 100000] [seed] [processes, 1]
 *
 * Says the seed first. A failure names the seed of its batch: `npm run fuzz:parser -- 10000 <that seed>` repeats it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { compareReaders, type Tally } from '../gateway/src/xmpp/testing/agreement.ts';

const BATCH = 10_000;
const WORKER = '--batches';
const wholeNumber = (text: string | undefined, otherwise: number): number => {
  const number = Number(text ?? otherwise);
  if (!Number.isSafeInteger(number) || number < 0) throw new Error(`not a whole number: ${text}`);
  return number;
};

/** Every so manieth batch of all. */
function compareBatches(count: number, seed: number, first: number, step: number): Tally {
  const sum: Tally = { wellFormed: 0, refused: 0, unsure: 0 };
  for (let n = first; n * BATCH < count; n += step) {
    const batchSeed = (seed + n) % 2 ** 31;
    const tally = compareReaders(Math.min(BATCH, count - n * BATCH), batchSeed);
    sum.wellFormed += tally.wellFormed;
    sum.refused += tally.refused;
    sum.unsure += tally.unsure;
    if (n % 100 === 99) console.error(`${(n + 1) * BATCH} done`);
  }
  return sum;
}

async function tallyOf(child: ChildProcess): Promise<Tally> {
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error('the parsers differ: see above');
  return JSON.parse(output) as Tally;
}

const [first, ...rest] = process.argv.slice(2);
if (first === WORKER) {
  const [count = 0, seed = 0, from = 0, step = 1] = rest.map(Number);
  console.log(JSON.stringify(compareBatches(count, seed, from, step)));
} else {
  const count = wholeNumber(first, 100_000);
  const seed = wholeNumber(rest[0], randomInt(2 ** 31));
  const processes = Math.max(1, wholeNumber(rest[1], 1));
  console.log(`fuzz:parser: ${count} streams, seed ${seed}, ${processes} process(es)`);
  const begun = performance.now();
  const tallies = await Promise.all(
    Array.from({ length: processes }, (_, n) => {
      const args = [import.meta.filename, WORKER, ...[count, seed, n, processes].map(String)];
      return tallyOf(spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] }));
    }),
  );
  const sum = (kind: keyof Tally): number => tallies.reduce((total, tally) => total + tally[kind], 0);
  const seconds = ((performance.now() - begun) / 1_000).toFixed(1);
  console.log(
    `fuzz:parser: no difference in ${seconds} s: ${sum('wellFormed')} well-formed, ${sum('refused')} refused, ` +
      `${sum('unsure')} that the other parser is known to read wrongly`,
  );
}
