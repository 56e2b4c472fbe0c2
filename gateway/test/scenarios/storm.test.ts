import assert from 'node:assert/strict';
import type { App } from '../support/app.ts';
import { scenario, scenarios, type World } from '../support/scenario.ts';
import { parseXml } from '../support/xml-reader.ts';

type Visitor = ReturnType<World['visitor']>;

const USERS = ['jesse', 'varun', 'boss', 'mia'] as const;
const NAMES: Readonly<Record<string, string>> = {
  jesse: 'Jesse Stone',
  varun: 'Varun Shah',
  boss: 'Bo Ström',
  mia: 'Mia Wong',
};
const STEPS = 24;
/** Others find other ways; each is the same every time. */
const SEEDS = [1, 6];

/** Numbers that look random and are the same for the same seed. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * sides || 0;
  };
}

interface Said {
  readonly text: string;
  readonly app: App;
  readonly id: string;
}

/** People, apps and the network do what they like; everything that was said is noted. */
class Storm {
  readonly apps: readonly App[];
  readonly said: Said[] = [];
  readonly visitorSaid: string[] = [];
  readonly #world: World;
  readonly #chris: Visitor;
  readonly #roll: (sides: number) => number;
  readonly #away = new Set<App>();

  constructor(world: World, chris: Visitor, apps: readonly App[], seed: number) {
    this.#world = world;
    this.#chris = chris;
    this.apps = apps;
    this.#roll = dice(seed);
  }

  #one<T>(of: readonly T[]): T {
    const one = of[Math.floor(this.#roll(of.length))];
    if (one === undefined) throw new Error('nothing to choose from');
    return one;
  }

  async step(): Promise<void> {
    const app = this.#one(this.apps);
    const to = this.#chris.fullJid;
    switch (Math.floor(this.#roll(16))) {
      case 0:
      case 1:
      case 2: {
        const text = `v${this.visitorSaid.length}`;
        this.visitorSaid.push(text);
        return void (await this.#chris.says(text));
      }
      case 3:
      case 4:
      case 5:
      case 6:
        return this.says(app);
      case 7:
        app.says(to, `$invite ${this.#one(USERS)} canary`);
        return;
      case 8:
        return void app.says(to, `$transfer ${this.#one([...USERS, 'team:Sales', 'team:Support'])} canary`);
      case 9:
        return void app.says(to, this.#one(['$leave', '$leave', '$join', '$observe', '$who canary', '$note canary']));
      case 10:
        return app.state(to, this.#one(['composing', 'active', 'paused']));
      case 11:
        this.says(app);
        app.cut();
        this.#away.add(app);
        return;
      case 12:
      case 13:
        return this.#comesBack(this.#one([...this.#away, app]));
      case 14:
        return this.#world.advance(1_000 + Math.floor(this.#roll(4_000)));
      default:
        return app.settle();
    }
  }

  /** What was on its way at this moment is sent again. */
  async kill(): Promise<void> {
    for (const app of [this.#one(this.apps), this.#one(this.apps), this.#one(this.apps)]) this.says(app);
    // a page reads nothing of what is not on the disk
    await this.#chris.reads();
    this.#chris.closesPage();
    await this.#world.kill();
    await this.#chris.opensPage(this.#world.site);
    for (const one of this.apps) this.#away.add(one);
    return this.allComeBack();
  }

  says(app: App): void {
    const text = `s${this.said.length}`;
    this.said.push({ text, app, id: app.says(this.#chris.fullJid, text) });
  }

  async #comesBack(app: App): Promise<void> {
    if (!this.#away.delete(app)) return;
    this.#world.moveApp(app);
    await app.returns();
    // many apps do not know what was handled, and send it again
    const last = this.said.findLast((one) => one.app === app);
    if (last === undefined || !this.#chris.texts('staff').includes(last.text)) return;
    app.sends(`<message to='${this.#chris.fullJid}' type='chat' id='${last.id}'><body>${last.text}</body></message>`);
  }

  async allComeBack(): Promise<void> {
    for (const app of [...this.#away]) await this.#comesBack(app);
  }
}

interface Shown {
  readonly text: string;
  readonly isLate: boolean;
}

function shownIn(app: App, jid: string): readonly Shown[] {
  return app.transcript
    .filter((text) => text.startsWith('← <message') && text.includes(jid))
    .map((text) => parseXml(text.slice(2)))
    .flatMap((message) => {
      const text = /^(?:▸ [^:]+: )?(?<text>[sv]\d+)$/u.exec(message.getChildText('body') ?? '')?.groups?.['text'];
      return text === undefined ? [] : [{ text, isLate: message.getChild('delay') !== undefined }];
    });
}

const wasRefused = ({ app, id }: Said): boolean =>
  app.transcript.some(
    (text) => text.startsWith('← <message') && /type='error'/u.test(text) && text.includes(`id='${id}'`),
  );

scenarios('whatever four staff users with two apps each, the visitor and the network do', () => {
  for (const seed of SEEDS)
    scenario(
      `nothing is lost, doubled or out of order, and no command is sent (${seed})`,
      { observers: ['boss', 'varun'] },
      async (world) => {
        const apps: App[] = [];
        for (const username of USERS)
          for (const resource of ['a', 'b']) apps.push(await world.online(username, { resource, sm: true }));
        const chris = await world.visitor('Chris').asks('Where is my order?');
        const storm = new Storm(world, chris, apps, seed);
        for (let step = 0; step < STEPS; step++) {
          if (step === STEPS / 2) await storm.kill();
          await storm.step();
        }
        await storm.allComeBack();
        await world.advance(31_000);
        await chris.reads();

        // somebody is in it when it is over
        const boss = apps.find(({ options }) => options.username === 'boss');
        assert.ok(boss !== undefined);
        boss.says(chris.fullJid, '$join');
        await boss.settle();
        storm.says(boss);
        const last = storm.said.at(-1)?.text ?? '';
        await chris.hears(last);
        const end = `v${storm.visitorSaid.length}`;
        storm.visitorSaid.push(end);
        await chris.says(end);
        const inIt = apps.filter(({ options }) => chris.view?.with.includes(NAMES[options.username] ?? '') === true);
        assert.ok(inIt.length >= 2);
        for (const app of inIt)
          await world.until(() => shownIn(app, chris.jid).some(({ text }) => text === end), `${app.jid} lacks the end`);
        for (const app of apps) await app.settle();
        await chris.reads();

        const page = chris.seen.filter(({ from }) => from.is !== 'notice').map(({ text }) => text);
        assert.doesNotMatch(JSON.stringify(chris.seen), /canary|\$/u);
        const order = page.filter((text) => /^[sv]\d+$/u.test(text));
        assert.equal(new Set(order).size, order.length, `twice on the page: ${order.join(' ')}`);
        for (const text of storm.visitorSaid) assert.ok(order.includes(text), `${text} of the visitor is lost`);
        for (const one of storm.said)
          assert.ok(
            order.includes(one.text) !== wasRefused(one),
            `${one.text} of ${one.app.jid}: on the page ${order.includes(one.text)}, refused ${wasRefused(one)}`,
          );

        for (const app of apps) {
          const shown = shownIn(app, chris.jid);
          const first: string[] = [];
          for (const { text, isLate } of shown) {
            if (!first.includes(text)) first.push(text);
            else assert.ok(isLate, `${app.jid} shows ${text} twice, as if it were new`);
          }
          assert.deepEqual(
            first,
            order.filter((text) => first.includes(text)),
            `${app.jid} shows it in another order`,
          );
        }
        for (const username of new Set(inIt.map(({ options }) => options.username))) {
          const own = apps.filter(({ options }) => options.username === username);
          const known = new Set([
            ...own.flatMap((app) => shownIn(app, chris.jid).map(({ text }) => text)),
            ...storm.said.filter(({ app }) => own.includes(app)).map(({ text }) => text),
          ]);
          assert.deepEqual(
            order.filter((text) => !known.has(text)),
            [],
            `${username} lacks lines`,
          );
        }
      },
    );
});
