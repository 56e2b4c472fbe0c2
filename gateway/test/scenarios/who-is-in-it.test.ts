import assert from 'node:assert/strict';
import type { App } from '../support/app.ts';
import { scenario, scenarios, type World } from '../support/scenario.ts';
import { type Standing, standingOf } from '../support/standing.ts';

type Visitor = ReturnType<World['visitor']>;

const CHATTING = 'Visitors (Chatting)';
const WAITING = 'Visitors (Waiting)';
const NOWHERE: Standing = {};

const withThem = (...names: string[]): Standing => ({ group: CHATTING, status: `with ${names.join(', ')}` });

/** Two apps of everybody, and what each of them shows of one visitor. */
class Office {
  readonly #world: World;
  readonly #visitor: Visitor;
  #apps: readonly App[] = [];

  constructor(world: World, visitor: Visitor) {
    this.#world = world;
    this.#visitor = visitor;
  }

  async arrives(): Promise<void> {
    const apps: App[] = [];
    for (const username of ['jesse', 'varun', 'mia', 'boss'])
      for (const resource of ['desk', 'phone']) apps.push(await this.#world.online(username, { resource }));
    this.#apps = apps;
  }

  app(username: string, resource = 'desk'): App {
    const app = this.#apps.find(({ options }) => options.username === username && options.resource === resource);
    assert.ok(app !== undefined);
    return app;
  }

  says(username: string, text: string): void {
    this.app(username).says(this.#visitor.fullJid, text);
  }

  /** All apps come to show this, and so does one that logs in now; the page names the same people. */
  async shows(at: string, sales: Standing, mia: Standing, boss: Standing, page: readonly string[]): Promise<void> {
    const late = await this.#world.online('nora@acme.com', { resource: 'late' });
    const lateMia = await this.#world.online('mia', { resource: 'late' });
    const wanted = (app: App): Standing => {
      const { username } = app.options;
      return username === 'mia' ? mia : username === 'boss' ? boss : sales;
    };
    const all = [...this.#apps, late, lateMia];
    for (const app of all) {
      const isRight = (): boolean => JSON.stringify(standingOf(app, this.#visitor)) === JSON.stringify(wanted(app));
      await this.#world.until(isRight, `${at}: ${app.jid} shows ${JSON.stringify(standingOf(app, this.#visitor))}`);
    }
    for (const app of all) await app.settle();
    for (const app of all) assert.deepEqual(standingOf(app, this.#visitor), wanted(app), `${at}: ${app.jid}`);
    await this.#visitor.reads();
    assert.deepEqual(this.#visitor.view?.with, page, `${at}: on the page`);
    await late.leaves();
    await lateMia.leaves();
  }
}

scenarios('who is in a chat', () => {
  scenario(
    'is right at every moment in every app of every staff user, also those that log in in the middle',
    { observers: ['boss'] },
    async (world) => {
      const chris = world.visitor('Chris');
      const office = new Office(world, chris);
      await office.arrives();
      await chris.asks('Where is my order?');
      const waiting: Standing = { group: WAITING, status: 'waiting for Sales' };
      await office.shows('the visitor waits', waiting, NOWHERE, waiting, []);

      office.says('jesse', 'Let me look.');
      await chris.hears('Let me look.');
      await world.advance(5_000);
      let them = withThem('Jesse Stone');
      await office.shows('Jesse has taken it', them, NOWHERE, them, ['Jesse Stone']);

      office.says('jesse', '$invite mia');
      await office.app('mia').receives(`<message><body>▸ Jesse Stone invites you…</body></message>`);
      await office.shows('Mia is asked', them, them, them, ['Jesse Stone']);

      office.says('mia', 'Mia here.');
      await chris.hears('Mia here.');
      office.says('varun', 'Varun here.');
      await chris.hears('Varun here.');
      them = withThem('Jesse Stone', 'Mia Wong', 'Varun Shah');
      await office.shows('three are in it', them, them, them, ['Jesse Stone', 'Mia Wong', 'Varun Shah']);

      office.says('boss', '$observe');
      await office.app('boss').receives(`<message><body>▸ You observe this chat…</body></message>`);
      const observed = { ...them, status: `${them.status}, observed by Bo Ström` };
      await office.shows('Bo observes', them, them, observed, ['Jesse Stone', 'Mia Wong', 'Varun Shah']);

      for (const resource of ['desk', 'phone']) await office.app('boss', resource).settle();
      await world.kill();
      await chris.opensPage(world.site);
      await office.arrives();
      await office.shows('after a restart', them, them, observed, ['Jesse Stone', 'Mia Wong', 'Varun Shah']);

      office.says('jesse', '$end');
      await chris.isTold('Jesse Stone left');
      office.says('boss', '$join');
      await chris.isTold('Bo Ström joined');
      them = withThem('Mia Wong', 'Varun Shah', 'Bo Ström');
      await office.shows('Jesse has left, Bo takes part', them, them, them, ['Mia Wong', 'Varun Shah', 'Bo Ström']);

      office.says('varun', '$transfer jesse');
      await office.app('jesse').receives(`<message><body>▸ Varun Shah hands the chat…</body></message>`);
      await office.shows('Jesse is asked', them, them, them, ['Mia Wong', 'Varun Shah', 'Bo Ström']);
      office.says('jesse', 'Jesse again.');
      await chris.hears('Jesse again.');
      them = withThem('Mia Wong', 'Bo Ström', 'Jesse Stone');
      await office.shows('Varun has handed over', them, them, them, ['Mia Wong', 'Bo Ström', 'Jesse Stone']);

      office.says('mia', '$leave');
      await chris.isTold('Mia Wong left');
      them = withThem('Bo Ström', 'Jesse Stone');
      await office.shows('Mia has left', them, NOWHERE, them, ['Bo Ström', 'Jesse Stone']);

      office.says('boss', '$transfer team:Support');
      await office.app('mia').receives(`<message><body>▸ Bo Ström hands the chat…</body></message>`);
      await office.shows('Support is asked', them, them, them, ['Bo Ström', 'Jesse Stone']);
      office.says('mia', 'Support here.');
      await chris.hears('Support here.');
      them = withThem('Jesse Stone', 'Mia Wong');
      // Varun and Nora are of Sales, and have nothing to do with a chat of Support
      await world.until(
        () => JSON.stringify(standingOf(office.app('varun'), chris)) === '{}',
        'Varun still sees a chat of Support',
      );
      assert.deepEqual(standingOf(office.app('jesse', 'phone'), chris), them);

      office.says('jesse', '$end');
      await chris.isTold('Jesse Stone left');
      them = withThem('Mia Wong');
      await office.shows('Mia is left', NOWHERE, them, them, ['Mia Wong']);
      office.says('mia', '$end');
      await chris.isIn('ended');
      await office.shows('it has ended', NOWHERE, NOWHERE, NOWHERE, []);
    },
  );
});
