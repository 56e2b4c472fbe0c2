/**
 * A scenario is a sentence of the user guide, played as a dialogue. Each runs twice: over one gateway, and over
 * three that share one bus, with staff and visitors on different ones.
 */
import { describe, it } from 'node:test';
import { openWorld, type World, type WorldOptions } from './world.ts';

export type { World } from './world.ts';

let gateways = 1;

export function scenarios(title: string, body: () => void): void {
  for (const count of [1, 3]) {
    void describe(`${title} (${count === 1 ? 'one gateway' : 'three gateways'})`, () => {
      gateways = count;
      body();
    });
  }
}

type Play = (world: World) => Promise<void>;

export function scenario(sentence: string, ...rest: [Play] | [WorldOptions, Play]): void {
  const [options, play] = rest.length === 1 ? [{}, rest[0]] : rest;
  const count = gateways;
  void it(sentence, async () => {
    const world = await openWorld(count, options);
    try {
      await play(world);
    } finally {
      await world.close();
    }
  });
}
