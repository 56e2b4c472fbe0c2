/** One exchange, cut after every single byte of it in either direction, and of the resume that follows: F13. */
import assert from 'node:assert/strict';
import { type Duplex, duplexPair } from 'node:stream';
import { describe, it } from 'node:test';
import { settled } from '@chat-gateway/runtime';
import { type EdgeWorld, edgeWorld } from '../../test/support/edge-world.ts';
import { auth, bind, HEADER } from '../../test/support/text-app.ts';
import { POST_AUTH_LIMITS } from '../xmpp/limits.ts';
import { StreamParser } from '../xmpp/stream-parser.ts';
import type { XmlElement } from '../xmpp/element.ts';

const SM = `xmlns='urn:xmpp:sm:3'`;
type Direction = 'up' | 'down';
interface Cut {
  readonly direction: Direction;
  readonly after: number;
}

/** A line between an app and the edge that breaks after so many bytes. */
class Line {
  readonly app: Duplex;
  readonly bytes = { up: 0, down: 0 };
  isCut = false;
  readonly #edge: Duplex;
  readonly #middle: Duplex;
  #isCounting = false;
  #cut: Cut | undefined;

  constructor(world: EdgeWorld) {
    const [app, middle] = duplexPair();
    const [edge, far] = duplexPair();
    this.app = app;
    this.#middle = middle;
    this.#edge = edge;
    for (const end of [app, middle, edge]) end.on('error', () => undefined);
    middle.on('data', (chunk: Buffer) => {
      this.#pass(chunk, 'up', edge);
    });
    edge.on('data', (chunk: Buffer) => {
      this.#pass(chunk, 'down', middle);
    });
    world.edge.accept(far, { transport: 'secured', remoteAddress: '192.0.2.1' });
  }

  /** Counts from here. */
  count(cut: Cut | undefined): void {
    this.#isCounting = true;
    this.#cut = cut;
    if (cut?.after === 0) this.#break();
  }

  #pass(chunk: Buffer, direction: Direction, to: Duplex): void {
    if (this.isCut) return;
    if (!this.#isCounting) {
      to.write(chunk);
      return;
    }
    const cut = this.#cut?.direction === direction ? this.#cut.after : Infinity;
    const left = cut - this.bytes[direction];
    this.bytes[direction] += Math.min(chunk.length, left);
    to.write(chunk.subarray(0, left));
    if (chunk.length >= left) this.#break();
  }

  #break(): void {
    this.isCut = true;
    // what is on its way arrives before the end does
    setImmediate(() => {
      this.#edge.destroy();
      this.#middle.destroy();
    });
  }
}

/** Keeps to XEP-0198, whatever happens to its connections. */
class App {
  readonly got: string[] = [];
  readonly answered: string[] = [];
  readonly #world: EdgeWorld;
  line: Line;
  #id = '';
  #heard = 0;
  #said = 0;
  #unacknowledged: string[] = [];
  #isCounting = false;
  #isSilent = true;

  constructor(world: EdgeWorld) {
    this.#world = world;
    this.line = new Line(world);
  }

  async starts(cut: Cut | undefined): Promise<void> {
    await this.#logsIn();
    this.line.app.write(`${bind('desk')}<enable ${SM} resume='true'/>`);
    await settled();
    assert.notEqual(this.#id, '');
    this.line.count(cut);
  }

  async resumes(cut: Cut | undefined): Promise<void> {
    this.line = new Line(this.#world);
    await this.#logsIn();
    this.line.count(cut);
    this.#isSilent = true;
    this.line.app.write(`<resume ${SM} previd='${this.#id}' h='${this.#heard}'/>`);
    await settled();
  }

  says(text: string): void {
    this.#said++;
    this.#unacknowledged.push(text);
    // before <resumed/> nobody knows what is to be said again
    if (!this.#isSilent) this.line.app.write(`${text}<r ${SM}/>`);
  }

  acknowledges(): void {
    this.line.app.write(`<a ${SM} h='${this.#heard}'/>`);
  }

  async #logsIn(): Promise<void> {
    const { line } = this;
    let opened = 0;
    const parser = new StreamParser(
      {
        header: () => {
          opened++;
        },
        end: () => undefined,
        element: (element) => {
          if (element.name === 'success') parser.restart(POST_AUTH_LIMITS);
          else this.#hears(element);
        },
      },
      POST_AUTH_LIMITS,
    );
    line.app.on('data', (chunk: Buffer) => {
      if (this.line === line) parser.write(chunk);
    });
    line.app.write(HEADER + auth('jesse', 'secret') + HEADER);
    await settled();
    assert.equal(opened, 2);
  }

  #hears(element: XmlElement): void {
    const { name, attrs } = element;
    const h = Number(attrs['h']);
    assert.notEqual(name, 'failed');
    if (name === 'message') this.got.push(element.getChildText('body') ?? '');
    if (name === 'iq' && attrs['id'] !== 'b1') this.answered.push(attrs['id'] ?? '');
    if (this.#isCounting && ['message', 'presence', 'iq'].includes(name)) this.#heard++;
    if (name === 'r') this.acknowledges();
    if (name === 'a') this.#learns(h);
    if (name === 'enabled') {
      this.#id = attrs['id'] ?? '';
      this.#isCounting = true;
      this.#isSilent = false;
    }
    if (name === 'resumed') {
      this.#learns(h);
      this.#isSilent = false;
      for (const text of this.#unacknowledged) this.line.app.write(text);
      this.line.app.write(`<r ${SM}/>`);
    }
  }

  #learns(h: number): void {
    const before = this.#said - this.#unacknowledged.length;
    assert.ok(h >= before && h <= this.#said, `h='${h}' after ${before} of ${this.#said}`);
    this.#unacknowledged = this.#unacknowledged.slice(h - before);
  }
}

const say = (body: string): string =>
  `<message to='gateway@visitors.acme.test' id='${body}'><body>${body}</body></message>`;
const ask = (id: string): string => `<iq type='get' id='${id}'><x xmlns='x'/></iq>`;

/** The exchange: what each side does, in turns. */
const script: readonly ({ readonly says: string } | { readonly shows: string })[] = [
  { says: say('s0') },
  { shows: 'l0' },
  { says: ask('q0') },
  { shows: 'l1' },
  { shows: 'l2' },
  { says: say('s1') },
  { says: say('s2') },
  { shows: 'l3' },
];

/** Runs it with a cut in it and one in the resume after that; gives the bytes that there were. */
async function run(cut?: Cut, cutAgain?: Cut): Promise<{ first: Line; second: Line | undefined }> {
  const world = await edgeWorld();
  // the second line is stored late: a cut may come before it is
  const { promise: isStored, resolve: store } = Promise.withResolvers<void>();
  world.desk.onEntry = ({ act }) =>
    act.type === 'message' && act.message.body === 's1' ? isStored : Promise.resolve();
  const app = new App(world);
  await app.starts(cut);
  const first = app.line;
  let second: Line | undefined;
  const mends = async (): Promise<void> => {
    await settled();
    while (app.line.isCut) {
      await app.resumes(second === undefined ? cutAgain : undefined);
      second ??= app.line;
    }
  };
  for (const [index, step] of script.entries()) {
    if (index === script.length - 1) store();
    if ('says' in step) app.says(step.says);
    else
      await world.deliver('desk', {
        kind: 'message',
        from: 'c1@visitors.acme.test/chat',
        body: step.shows,
        stanzaId: String(index),
        proof: step.shows,
      });
    await mends();
  }
  // a cut behind the last byte, or nearly so
  await mends();
  app.acknowledges();
  await settled();
  const where = JSON.stringify({ cut, cutAgain });
  const acts = world.desk.acts;
  const said = acts.flatMap((act) => (act.type === 'message' ? [act.message.body] : []));
  const proved = acts.flatMap((act) => (act.type === 'proved' ? act.proofs : []));
  assert.deepEqual(app.got, ['l0', 'l1', 'l2', 'l3'], `shown, ${where}`);
  assert.deepEqual(app.answered, ['q0'], `answered, ${where}`);
  assert.deepEqual(said, ['s0', 's1', 's2'], `said, ${where}`);
  assert.deepEqual(proved, ['l0', 'l1', 'l2', 'l3'], `proved, ${where}`);
  return { first, second };
}

describe('F13 I1 I2 I3 an exchange', () => {
  for (const direction of ['up', 'down'] as const)
    it(`that is cut after any byte ${direction} loses, doubles and mixes up nothing`, async (t) => {
      const { first } = await run();
      const all = first.bytes[direction];
      for (let after = 0; after <= all; after++) await run({ direction, after });
      t.diagnostic(`${all + 1} cuts`);
    });
  for (const direction of ['up', 'down'] as const)
    it(`whose resume is cut after any byte ${direction}, too`, async (t) => {
      // in the middle of what the app has got, with something lost in either direction
      const cut: Cut = { direction: 'down', after: 300 };
      const { second } = await run(cut);
      const all = second?.bytes[direction] ?? 0;
      assert.ok(all > 100);
      for (let after = 0; after <= all; after++) await run(cut, { direction, after });
      t.diagnostic(`${all + 1} cuts`);
    });
});
