import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { ManualClock, silentLogger } from '@chat-gateway/runtime';
import { busContract } from './contract-suite.ts';
import { createMemoryBus } from './memory-bus.ts';
import { MemoryCheckpoints } from './memory-checkpoints.ts';

describe('the bus in memory', () => {
  busContract({ describe, it: (name, body) => void it(name, body) }, async () => {
    const clock = new ManualClock();
    const bus = createMemoryBus({
      clock,
      log: silentLogger,
      checkpoints: new MemoryCheckpoints(),
      random: (bytes) => randomBytes(bytes).toString('hex'),
      copy: (value) => structuredClone(value),
    });
    return { bus, clock, close: () => bus.setTenants([]) };
  });
});
