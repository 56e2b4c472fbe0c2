/** 1:1 messages per CPU-second of the server, and what a message waits at half of the load that it can take. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Figure, spread } from './figures.ts';
import { type LoadApp, logInAll, type Way } from './load-app.ts';
import { accountsOf, type Target, type TargetKind } from './targets.ts';

const REPEATS = 5;
const ROUND = 2_000;
/** Messages under way at any time, however many are online. */
const IN_FLIGHT = 50;
const TEXT = 'Could you have a look at order 4711? The customer says that the parcel never came.';

interface Pair {
  readonly apps: readonly [LoadApp, LoadApp];
  /** Who writes next. */
  turn: 0 | 1;
}

function pairsOf(apps: readonly LoadApp[]): Pair[] {
  const pairs: Pair[] = [];
  for (let at = 0; at + 1 < apps.length; at += 2) {
    const [a, b] = [apps[at], apps[at + 1]];
    if (a !== undefined && b !== undefined) pairs.push({ apps: [a, b], turn: 0 });
  }
  return pairs;
}

function say(pair: Pair, id: string): void {
  const from = pair.apps[pair.turn];
  const to = pair.apps[pair.turn === 0 ? 1 : 0];
  pair.turn = pair.turn === 0 ? 1 : 0;
  from.send(
    `<message to='${to.bareJid}' type='chat' id='${id}'><body>${TEXT}</body><active xmlns='http://jabber.org/protocol/chatstates'/></message>`,
  );
}

/** As many as the server takes, `IN_FLIGHT` at a time, all pairs in turn. */
class Flood {
  readonly #pairs: readonly Pair[];
  #next = 0;
  #isOn = true;
  count = 0;

  constructor(pairs: readonly Pair[]) {
    this.#pairs = pairs;
    for (const { apps } of pairs) {
      for (const app of apps) {
        app.onMessage = () => {
          this.count++;
          if (this.#isOn) this.#go();
        };
      }
    }
    for (let n = 0; n < IN_FLIGHT; n++) this.#go();
  }

  #go(): void {
    const pair = this.#pairs[this.#next++ % this.#pairs.length];
    if (pair !== undefined) say(pair, `m${this.#next}`);
  }

  async stop(): Promise<void> {
    this.#isOn = false;
    await sleep(300);
  }
}

interface Flooded {
  /** Messages per CPU-second of the server. */
  readonly perCpu: number[];
  /** Messages per second. */
  readonly perSecond: number[];
}

async function flooded({ server }: Target, pairs: readonly Pair[]): Promise<Flooded> {
  const flood = new Flood(pairs);
  await sleep(ROUND);
  const perCpu: number[] = [];
  const perSecond: number[] = [];
  for (let round = 0; round < REPEATS; round++) {
    const before = { count: flood.count, cpu: server.cpu(), at: performance.now() };
    await sleep(ROUND);
    const count = flood.count - before.count;
    perCpu.push(count / (server.cpu() - before.cpu));
    perSecond.push((count / (performance.now() - before.at)) * 1_000);
  }
  await flood.stop();
  return { perCpu, perSecond };
}

const TICK = 5;
/** Milliseconds that the last messages may take. */
const LATEST = 10_000;

/**
 * At `rate` messages a second, whatever the server does: milliseconds from when a message was due until the other app
 * has it. One that is sent late, since this process or the server was busy, has waited from when it was due.
 */
async function waits(pairs: readonly Pair[], rate: number): Promise<number[]> {
  const waited: number[] = [];
  for (const { apps } of pairs) {
    for (const app of apps) {
      app.onMessage = (stanza) => {
        const [, sent] = /\sid=['"]at([\d.]+)/u.exec(stanza) ?? [];
        if (sent !== undefined) waited.push(performance.now() - Number(sent));
      };
    }
  }
  const start = performance.now();
  const end = start + ROUND;
  let said = 0;
  for (let now = start; now < end; now = performance.now()) {
    for (const due = ((now - start) / 1_000) * rate; said < due; said++) {
      const pair = pairs[said % pairs.length];
      if (pair !== undefined) say(pair, `at${start + (said / rate) * 1_000}`);
    }
    await sleep(TICK);
  }
  // the slowest count, too
  for (let patience = LATEST; waited.length < said && patience > 0; patience -= 100) await sleep(100);
  return waited.toSorted((a, b) => a - b);
}

const at = (sorted: readonly number[], part: number): number => sorted[Math.floor(sorted.length * part)] ?? Number.NaN;

async function benchOne(kind: TargetKind, online: number, secured: boolean, latency: boolean): Promise<Figure[]> {
  const target = await kind.start(online);
  const apps: LoadApp[] = [];
  try {
    const port = secured ? target.ports.tls : target.ports.plain;
    if (port === undefined) return [];
    const way: Way = { port, tls: secured };
    apps.push(...(await logInAll(way, accountsOf(kind, online), 'online')));
    await sleep(1_000);
    const pairs = pairsOf(apps);
    const { perCpu, perSecond } = await flooded(target, pairs);
    const where = `${online.toLocaleString('en')} online, ${secured ? 'TLS' : 'plain'}`;
    const figures: Figure[] = [{ what: `1:1 messages, ${where}`, of: kind.name, unit: '/CPU-s', values: perCpu }];
    if (!latency) return figures;
    const halves = [];
    for (let round = 0; round < REPEATS; round++) halves.push(await waits(pairs, spread(perSecond).median / 2));
    for (const [name, part] of [
      ['p50', 0.5],
      ['p99', 0.99],
    ] as const) {
      const of = halves.map((sorted) => at(sorted, part));
      figures.push({ what: `${name} at half load, ${where}`, of: kind.name, unit: 'ms', values: of });
    }
    return figures;
  } finally {
    for (const app of apps) app.destroy();
    await target.stop();
  }
}

export async function benchMessages(kinds: readonly TargetKind[]): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const kind of kinds) {
    figures.push(...(await benchOne(kind, 100, false, false)));
    figures.push(...(await benchOne(kind, 1_000, false, true)));
    figures.push(...(await benchOne(kind, 1_000, true, false)));
  }
  return figures;
}
