/** Cuts and resumes at any moment, on either of two pods: nothing lost, nothing twice, nothing out of order. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { settled } from '@chat-gateway/runtime';
import fc from 'fast-check';
import { type EdgeWorld, edgeWorld } from '../../test/support/edge-world.ts';
import { auth, bind, HEADER, TextApp } from '../../test/support/text-app.ts';
import { POST_AUTH_LIMITS } from '../xmpp/limits.ts';
import { StreamParser } from '../xmpp/stream-parser.ts';

/** An app that keeps to XEP-0198, over connections that may go at any time. */
class ManagedApp {
  readonly got: string[] = [];
  readonly #world: EdgeWorld;
  #app = new TextApp();
  #parser: StreamParser | undefined;
  #id = '';
  #in = 0;
  #out = 0;
  #unacked: string[] = [];
  #isCounting = false;
  #answers = true;

  constructor(world: EdgeWorld) {
    this.#world = world;
  }

  async starts(): Promise<void> {
    await this.#connect(false);
    this.#app.pipe.write(bind('desk') + `<enable xmlns='urn:xmpp:sm:3' resume='true'/>`);
    await settled();
    assert.notEqual(this.#id, '');
  }

  /** What comes from here on is lost on the way, if a cut follows. */
  deafens(): void {
    this.#app.pipe.pause();
  }

  hears(): void {
    this.#app.pipe.resume();
  }

  says(body: string): void {
    const text = `<message to='gateway@visitors.acme.test' id='${body}'><body>${body}</body></message>`;
    this.#unacked.push(text);
    this.#out++;
    this.#app.pipe.write(`${text}<r xmlns='urn:xmpp:sm:3'/>`);
  }

  /** Goes away in the middle of a stanza that it has written, and comes back on one of the pods. */
  async cuts(onOther: boolean, cutAt: number): Promise<void> {
    const last = this.#unacked.at(-1) ?? '<message/>';
    this.#app.pipe.write(last.slice(0, Math.min(cutAt, last.length - 1)));
    await settled();
    this.#app.cut();
    await this.#connect(onOther);
    this.#app.pipe.write(`<resume xmlns='urn:xmpp:sm:3' previd='${this.#id}' h='${this.#in}'/>`);
    await settled();
  }

  acknowledges(): void {
    this.#app.pipe.write(`<a xmlns='urn:xmpp:sm:3' h='${this.#in}'/>`);
  }

  silences(answers: boolean): void {
    this.#answers = answers;
  }

  async #connect(onOther: boolean): Promise<void> {
    const { edge, other } = this.#world;
    this.#app = this.#world.connect(onOther ? other : edge);
    await this.#app.says(HEADER + auth('jesse', 'secret'));
    await this.#app.says(HEADER);
    this.#app.text = '';
    const parser = new StreamParser(
      {
        header: () => undefined,
        end: () => undefined,
        element: (element) => {
          const { attrs } = element;
          const h = Number(attrs['h']);
          if (element.name === 'message') this.got.push(element.getChildText('body') ?? '');
          if (['message', 'presence', 'iq'].includes(element.name) && this.#isCounting) this.#in++;
          if (element.name === 'r' && this.#answers) this.acknowledges();
          if (element.name === 'a') this.#acked(h);
          if (element.name === 'enabled') {
            this.#id = attrs['id'] ?? '';
            this.#isCounting = true;
          }
          assert.notEqual(element.name, 'failed');
          if (element.name === 'resumed') {
            this.#acked(h);
            for (const text of this.#unacked) this.#app.pipe.write(text);
          }
        },
      },
      POST_AUTH_LIMITS,
    );
    parser.write(Buffer.from(HEADER));
    this.#parser = parser;
    const mine = this.#app;
    mine.pipe.on('data', (chunk: Uint8Array) => {
      if (this.#app === mine) this.#parser?.write(chunk);
    });
  }

  #acked(h: number): void {
    const before = this.#out - this.#unacked.length;
    assert.ok(h >= before && h <= this.#out, `h=${h} after ${before} of ${this.#out}`);
    this.#unacked = this.#unacked.slice(h - before);
  }
}

type Step =
  | { readonly does: 'line' | 'say' | 'store' | 'deafen' | 'hear' | 'acknowledge' | 'settle' | 'mute' | 'speak' }
  | { readonly does: 'cut'; readonly onOther: boolean; readonly cutAt: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom<Step>({ does: 'line' }, { does: 'say' }, { does: 'settle' }) },
  { weight: 3, arbitrary: fc.constantFrom<Step>({ does: 'store' }, { does: 'deafen' }, { does: 'hear' }) },
  { weight: 2, arbitrary: fc.constantFrom<Step>({ does: 'acknowledge' }, { does: 'mute' }, { does: 'speak' }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('cut'), onOther: fc.boolean(), cutAt: fc.nat(120) }) },
);

describe('I1, I2, I3 what is said and shown', () => {
  it('arrives once and in order, whatever is cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const world = await edgeWorld();
        const app = new ManagedApp(world);
        await app.starts();
        const lines: string[] = [];
        const said: string[] = [];
        const open: (() => void)[] = [];
        const toldToDesk = (): string[] =>
          world.desk.acts.flatMap((act) => (act.type === 'message' ? [act.message.body ?? ''] : []));
        // the desk takes its time over every second message
        world.desk.onEntry = ({ act }) =>
          act.type === 'message' && Number(act.message.body) % 2 === 0
            ? new Promise((resolve) => open.push(resolve))
            : Promise.resolve();
        for (const one of steps) {
          switch (one.does) {
            case 'line':
              lines.push(String(lines.length));
              await world.deliver('desk', {
                kind: 'message',
                from: 'c1@visitors.acme.test/chat',
                body: String(lines.length - 1),
                stanzaId: String(lines.length - 1),
                proof: String(lines.length - 1),
              });
              break;
            case 'say':
              said.push(String(said.length));
              app.says(String(said.length - 1));
              break;
            case 'store':
              open.shift()?.();
              break;
            case 'deafen':
              app.deafens();
              break;
            case 'hear':
              app.hears();
              break;
            case 'acknowledge':
              app.acknowledges();
              break;
            case 'mute':
              app.silences(false);
              break;
            case 'speak':
              app.silences(true);
              break;
            case 'settle':
              await settled();
              break;
            case 'cut':
              await app.cuts(one.onOther, one.cutAt);
              break;
          }
        }
        app.hears();
        app.silences(true);
        for (let turn = 0; turn < 4; turn++) {
          for (const store of open.splice(0)) store();
          await settled();
        }
        app.acknowledges();
        await settled();
        assert.deepEqual(app.got, lines, 'shown');
        assert.deepEqual(toldToDesk(), said, 'said');
        const proofs = world.desk.acts.flatMap((act) => (act.type === 'proved' ? act.proofs : []));
        assert.deepEqual(proofs, lines, 'proved');
      }),
      { numRuns: 60 },
    );
  });
});
