/** Our parser and serialiser against ltx and saxes, which build the same tree; in turn, so that ratios hold. */
import { createRequire } from 'node:module';
import { type SaxesTagNS, SaxesParser } from 'saxes';
import { type XmlElement, xml } from '../src/xmpp/element.ts';
import { POST_AUTH_LIMITS } from '../src/xmpp/limits.ts';
import { serialize } from '../src/xmpp/serialize.ts';
import { StreamParser } from '../src/xmpp/stream-parser.ts';
import type { Figure } from './figures.ts';
import { type Corpus, corpora, HEADER } from './stanzas.ts';

interface LtxParser {
  on(event: 'element', listener: (element: XmlElement) => void): void;
  write(text: string): void;
}
/** `@xmpp/xml` ships no types. */
const { Parser } = createRequire(import.meta.url)('@xmpp/xml') as { Parser: new () => LtxParser };

const REPEATS = 5;
const ROUND = 250;
/** What a socket gives at once. */
const CHUNK = 16_384;
/** The roster has more items than the parser lets an app send. */
const LIMITS = { ...POST_AUTH_LIMITS, children: 1_000 };

/** Reads a whole stream and counts its stanzas. */
type Read = (chunks: readonly Buffer[]) => number;

function ours(chunks: readonly Buffer[]): number {
  let count = 0;
  const handler = {
    header: () => undefined,
    element: () => {
      count++;
    },
    end: () => undefined,
  };
  const parser = new StreamParser(handler, LIMITS);
  for (const chunk of chunks) parser.write(chunk);
  return count;
}

function ltx(chunks: readonly Buffer[]): number {
  let count = 0;
  const parser = new Parser();
  parser.on('element', () => {
    count++;
  });
  const decoder = new TextDecoder();
  for (const chunk of chunks) parser.write(decoder.decode(chunk, { stream: true }));
  return count;
}

function saxes(chunks: readonly Buffer[]): number {
  let count = 0;
  const open: XmlElement[] = [];
  const parser = new SaxesParser({ xmlns: true, position: false });
  parser.on('opentag', (tag: SaxesTagNS) => {
    const attrs: Record<string, string> = {};
    for (const [name, { value }] of Object.entries(tag.attributes)) attrs[name] = value;
    const element = xml(tag.name, attrs);
    if (open.length > 1) open.at(-1)?.append(element);
    open.push(element);
  });
  parser.on('text', (text) => {
    if (open.length > 1) open.at(-1)?.append(text);
  });
  parser.on('closetag', () => {
    open.pop();
    if (open.length === 1) count++;
  });
  const decoder = new TextDecoder();
  for (const chunk of chunks) parser.write(decoder.decode(chunk, { stream: true }));
  return count;
}

/** Seconds of CPU: who else uses the machine counts little. */
function cpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function perSecond(run: () => void): number {
  const end = performance.now() + ROUND;
  const before = cpu();
  let rounds = 0;
  for (; performance.now() < end; rounds++) run();
  return rounds / (cpu() - before);
}

/** Each in turn, again and again; the first turn warms up. */
function inTurn(runs: Readonly<Record<string, () => void>>): Map<string, number[]> {
  const rates = new Map<string, number[]>(Object.keys(runs).map((name) => [name, []]));
  for (let repeat = 0; repeat <= REPEATS; repeat++) {
    for (const [name, run] of Object.entries(runs)) {
      const rate = perSecond(run);
      if (repeat > 0) rates.get(name)?.push(rate);
    }
  }
  return rates;
}

function chunksOf(stream: string): Buffer[] {
  const bytes = Buffer.from(stream);
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += CHUNK) chunks.push(bytes.subarray(at, at + CHUNK));
  return chunks;
}

function parsed({ name, stanzas }: Corpus): Figure[] {
  const chunks = chunksOf(HEADER + stanzas.join(''));
  const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const readers: Readonly<Record<string, Read>> = { gateway: ours, ltx, saxes };
  for (const [of, read] of Object.entries(readers)) {
    if (read(chunks) !== stanzas.length) throw new Error(`${of} read another number of stanzas: ${name}`);
  }
  const runs = Object.fromEntries(Object.entries(readers).map(([of, read]) => [of, () => void read(chunks)]));
  return [...inTurn(runs)].flatMap(([of, rates]): Figure[] => [
    { what: `parse ${name}`, of, unit: 'MB/s', values: rates.map((rate) => (rate * bytes) / 1e6) },
    { what: `parse ${name}, stanzas`, of, unit: '/s', values: rates.map((rate) => rate * stanzas.length) },
  ]);
}

function serialized({ name, stanzas }: Corpus): Figure[] {
  const trees: XmlElement[] = [];
  const handler = {
    header: () => undefined,
    element: (element: XmlElement) => {
      trees.push(element);
    },
    end: () => undefined,
  };
  new StreamParser(handler, LIMITS).write(Buffer.from(HEADER + stanzas.join('')));
  const bytes = Buffer.byteLength(stanzas.join(''));
  const each = (write: (tree: XmlElement) => string) => () => {
    // a text that nobody reads is never made
    for (const tree of trees) Buffer.byteLength(write(tree));
  };
  const runs = { gateway: each((tree) => serialize(tree)), ltx: each(String) };
  return [...inTurn(runs)].map(([of, rates]) => ({
    what: `serialise ${name}`,
    of,
    unit: 'MB/s',
    values: rates.map((rate) => (rate * bytes) / 1e6),
  }));
}

export function benchParser(): Promise<Figure[]> {
  return Promise.resolve([...corpora.flatMap(parsed), ...corpora.flatMap(serialized)]);
}
