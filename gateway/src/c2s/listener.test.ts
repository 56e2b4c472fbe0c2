import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { queryObjects } from 'node:v8';
import { ManualClock, silentLogger } from '@chat-gateway/runtime';
import { until } from '../../test/support/until.ts';
import { createXmppListener } from './listener.ts';

/** What a balancer on this machine does, and what is left of it here. */
async function open(test: TestContext) {
  const warnings: string[] = [];
  let accepted = 0;
  const listener = createXmppListener({
    edge: {
      accept: (socket) => {
        accepted++;
        socket.destroy();
      },
    },
    log: { ...silentLogger, warn: (_facts, message) => void warnings.push(message) },
    balancers: { trusted: ['127.0.0.1'], clock: new ManualClock() },
  });
  const { port } = await listener.listen({ host: '127.0.0.1', port: 0, transport: 'starttls', proxyProtocol: true });
  test.after(() => listener.close());
  const dial = async (): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  };
  /** Sockets of both sides that something still holds on to. */
  const held = (): number => queryObjects(Socket, { format: 'count' });
  return { dial, held, warnings, accepted: () => accepted };
}

describe('a connection of a trusted balancer that ends before its header', () => {
  const ways: Record<string, (socket: Socket) => void> = {
    'is cut': (socket) => {
      socket.resetAndDestroy();
    },
    ends: (socket) => {
      socket.end();
    },
    'is cut in the middle of the header': (socket) => {
      socket.write('PROXY TCP4 ', () => socket.resetAndDestroy());
    },
  };
  for (const [how, leave] of Object.entries(ways))
    it(`J06 ${how}: leaves nothing, and is no reason to warn`, async (test) => {
      const { dial, held, warnings, accepted } = await open(test);
      const before = held();
      for (let time = 0; time < 20; time++) leave(await dial());
      // ports take connections in order: all the others have been taken when this one is
      (await dial()).end('PROXY UNKNOWN\r\n');
      await until(
        () => accepted() === 1,
        () => 'not taken',
      );
      await until(
        () => held() <= before,
        () => `${held() - before} sockets are kept`,
      );
      assert.deepEqual(warnings, []);
      assert.equal(accepted(), 1);
    });
  it('J06 ends in the middle of the header: is a reason to warn', async (test) => {
    const { dial, warnings } = await open(test);
    (await dial()).end('PROXY TCP4 ');
    await until(
      () => warnings.length > 0,
      () => 'no warning',
    );
  });
});
