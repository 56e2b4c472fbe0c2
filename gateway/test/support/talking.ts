/** A chat that runs, for scenarios of what comes then. */
import type { App, AppOptions } from './app.ts';
import type { World } from './world.ts';

type Visitor = ReturnType<World['visitor']>;

/** Jesse answers Chris of Sales; long enough ago that nobody else can be about to answer. */
export async function talking(
  world: World,
  options: Partial<AppOptions> = {},
): Promise<{ readonly jesse: App; readonly chris: Visitor }> {
  const jesse = await world.online('jesse', options);
  const chris = await world.visitor('Chris').asks('Where is my order?');
  await jesse.receives(`<message from='${chris.fullJid}'><body>Where is my order?</body></message>`);
  jesse.says(chris.fullJid, 'Let me look.');
  await chris.hears('Let me look.');
  await jesse.receives(`<presence from='${chris.fullJid}'><status>with Jesse Stone…</status></presence>`);
  await world.advance(5_000);
  return { jesse, chris };
}

/** Chris's chat with Varun in it too, by invitation. */
export async function conference(world: World, options: Partial<AppOptions> = {}) {
  const { jesse, chris } = await talking(world, options);
  const varun = await world.online('varun', options);
  jesse.says(chris.fullJid, '$invite Varun Shah');
  await varun.receives(`<message from='${chris.fullJid}'><body>▸ Jesse Stone invites you…</body></message>`);
  varun.says(chris.fullJid, 'Varun here.');
  await chris.hears('Varun here.');
  await jesse.receives(`<message from='${chris.fullJid}'><body>▸ Varun Shah: Varun here.</body></message>`);
  await varun.receives(`<message><body>▸ Jesse Stone: Let me look.</body></message>`);
  return { jesse, varun, chris };
}
