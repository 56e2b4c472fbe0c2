/** 1:1 messages per CPU-second of the server, and what a message waits at half of the load that it can take. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Figure, spread } from './figures.ts';
import { type LoadApp, logInAll, type Way } from './load-app.ts';
import { accountsOf, bareNode, gateway, type Target, type TargetKind } from './targets.ts';

const REPEATS = 5;
const ROUND = 2_000;
const WARM_UP = 500;
/** Messages under way at any time, however many are online. */
const IN_FLIGHT = 50;
/**
 * The same, where the costs of few and of many sessions are compared. With as many messages under way as there are
 * pairs, each app writes just as it acknowledges, and a server reads both at once: a read a message instead of two.
 */
const IN_FLIGHT_OF_FEW = 20;
/** An archive is measured by itself: bare Node has none, nor have the other servers here. */
const NOT_KEPT = "<no-store xmlns='urn:xmpp:hints'/>";
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

function say(pair: Pair, id: string, kept = false): void {
  const from = pair.apps[pair.turn];
  const to = pair.apps[pair.turn === 0 ? 1 : 0];
  pair.turn = pair.turn === 0 ? 1 : 0;
  from.send(
    `<message to='${to.bareJid}' type='chat' id='${id}'><body>${TEXT}</body><active xmlns='http://jabber.org/protocol/chatstates'/>${kept ? '' : NOT_KEPT}</message>`,
  );
}

/** As many as the server takes, so many at a time, all pairs in turn. */
class Flood {
  readonly #pairs: readonly Pair[];
  readonly #kept: boolean;
  #next = 0;
  #isOn = true;
  count = 0;

  constructor(pairs: readonly Pair[], inFlight: number, kept: boolean) {
    this.#pairs = pairs;
    this.#kept = kept;
    for (const { apps } of pairs) {
      for (const app of apps) {
        app.onMessage = () => {
          this.count++;
          if (this.#isOn) this.#go();
        };
      }
    }
    for (let n = 0; n < inFlight; n++) this.#go();
  }

  #go(): void {
    const pair = this.#pairs[this.#next++ % this.#pairs.length];
    if (pair !== undefined) say(pair, `m${this.#next}`, this.#kept);
  }

  async stop(): Promise<void> {
    this.#isOn = false;
    await sleep(300);
  }
}

/** One of the servers, with everybody online. */
interface Contestant {
  readonly kind: TargetKind;
  readonly target: Target;
  readonly apps: readonly LoadApp[];
  readonly pairs: readonly Pair[];
  /** Messages per CPU-second of the server. */
  readonly perCpu: number[];
  /** Messages per second. */
  readonly perSecond: number[];
}

async function enter(kind: TargetKind, online: number, secured: boolean): Promise<Contestant | undefined> {
  const target = await kind.start(online);
  try {
    const port = secured ? target.ports.tls : target.ports.plain;
    if (port === undefined) {
      await target.stop();
      return undefined;
    }
    const way: Way = { port, tls: secured };
    const apps = await logInAll(way, accountsOf(kind, online), 'online');
    return { kind, target, apps, pairs: pairsOf(apps), perCpu: [], perSecond: [] };
  } catch (cause) {
    await target.stop();
    throw cause;
  }
}

async function round(
  { target, pairs, perCpu, perSecond }: Contestant,
  { kept = false, inFlight = IN_FLIGHT }: Scenario,
): Promise<void> {
  const flood = new Flood(pairs, inFlight, kept);
  await sleep(WARM_UP);
  const before = { count: flood.count, cpu: target.server.cpu(), at: performance.now() };
  await sleep(ROUND);
  const count = flood.count - before.count;
  perCpu.push(count / (target.server.cpu() - before.cpu));
  perSecond.push((count / (performance.now() - before.at)) * 1_000);
  await flood.stop();
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

interface Scenario {
  /** Several: each in a server of its own, all of them in turn. */
  readonly online: readonly number[];
  readonly tls?: boolean;
  readonly latency?: boolean;
  /** Each message is stored before it is acknowledged. */
  readonly kept?: boolean;
  /** Messages under way; {@link IN_FLIGHT} unless told. */
  readonly inFlight?: number;
}

/** Servers in turn, round by round: what else the machine does then meets all of them alike. */
export async function benchOne(kinds: readonly TargetKind[], scenario: Scenario): Promise<Figure[]> {
  const { online, tls = false, latency = false, kept = false } = scenario;
  const all: Contestant[] = [];
  const figures: Figure[] = [];
  try {
    for (const count of online) {
      for (const kind of kinds) {
        const entered = await enter(kind, count, tls);
        if (entered !== undefined) all.push(entered);
      }
    }
    await sleep(1_000);
    for (const one of all) {
      await round(one, scenario);
      one.perCpu.pop();
      one.perSecond.pop();
    }
    for (let turn = 0; turn < REPEATS; turn++) for (const one of all) await round(one, scenario);
    const how = `${tls ? 'TLS' : 'plain'}${kept ? ', kept' : ''}${online.length > 1 ? ', in turn' : ''}`;
    const where = ({ apps }: Contestant): string => `${apps.length.toLocaleString('en')} online, ${how}`;
    for (const one of all)
      figures.push({ what: `1:1 messages, ${where(one)}`, of: one.kind.name, unit: '/CPU-s', values: one.perCpu });
    if (latency) for (const one of all) figures.push(...(await latencies(one, where(one))));
    return figures;
  } finally {
    for (const { apps, target } of all) {
      for (const app of apps) app.destroy();
      await target.stop();
    }
  }
}

async function latencies({ kind, pairs, perSecond }: Contestant, where: string): Promise<Figure[]> {
  const halves: number[][] = [];
  for (let turn = 0; turn < REPEATS; turn++) halves.push(await waits(pairs, spread(perSecond).median / 2));
  return (
    [
      ['p50', 0.5],
      ['p99', 0.99],
    ] as const
  ).map(([name, part]) => ({
    what: `${name} at half load, ${where}`,
    of: kind.name,
    unit: 'ms',
    values: halves.map((sorted) => at(sorted, part)),
  }));
}

export async function benchMessages(kinds: readonly TargetKind[]): Promise<Figure[]> {
  return [
    ...(await benchOne(kinds, { online: [100] })),
    ...(await benchOne(kinds, { online: [1_000], latency: true })),
    ...(await benchOne(kinds, { online: [1_000], tls: true })),
    ...(await benchOne([gateway, bareNode], { online: [100, 1_000, 4_000], inFlight: IN_FLIGHT_OF_FEW })),
    ...(await benchOne([gateway], { online: [1_000], kept: true })),
  ];
}
