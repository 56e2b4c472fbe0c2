import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { Bench, TENANT } from './testing/bench.ts';

const webhook = { url: 'https://hook.example/in', secret: 'a secret of sixteen' };

/** Answers each post with the next status; `hang` never answers, `fail` breaks the connection. */
class Hook {
  readonly posts: { at: number; body: string; headers: Headers; redirect: string | undefined }[] = [];
  readonly answers: (number | 'hang' | 'fail')[];
  now = () => 0;

  constructor(...answers: (number | 'hang' | 'fail')[]) {
    this.answers = answers;
  }

  readonly fetch: typeof globalThis.fetch = async (_url, init) => {
    const body = typeof init?.body === 'string' ? init.body : '';
    this.posts.push({ at: this.now(), body, headers: new Headers(init?.headers), redirect: init?.redirect });
    const answer = this.answers.shift() ?? 200;
    if (answer === 'fail') throw new TypeError('fetch failed');
    if (answer === 'hang') {
      await new Promise((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => {
          reject(new Error('aborted'));
        });
      });
    }
    return new Response(null, { status: Number(answer) });
  };
}

async function withHook(hook: Hook): Promise<Bench> {
  const bench = new Bench({ helpdesk: { webhook }, fetch: hook.fetch });
  hook.now = () => bench.clock.now();
  return bench.open();
}

describe('the webhook', () => {
  it('gets each left message as signed JSON', async () => {
    const hook = new Hook();
    const bench = await withHook(hook);
    await bench.leavesMessage('Call me ▸ now');
    await bench.settled();
    const [post] = hook.posts;
    assert.ok(post);
    assert.deepEqual(JSON.parse(post.body), {
      type: 'left-message',
      tenant: TENANT,
      id: '1',
      at: new Date(bench.clock.now()).toISOString(),
      team: { id: 'sales', name: 'Sales' },
      name: 'Dana',
      email: 'dana@example.com',
      text: 'Call me ▸ now',
    });
    const signature = createHmac('sha256', webhook.secret).update(post.body).digest('hex');
    assert.equal(post.headers.get('x-chat-gateway-signature'), `sha256=${signature}`);
    assert.equal(post.headers.get('content-type'), 'application/json');
    assert.equal(post.redirect, 'manual');
    await bench.clock.advance(3_600_000);
    assert.equal(hook.posts.length, 1);
    assert.deepEqual((await bench.store.load(TENANT)).deliveries, []);
    await bench.close();
  });

  it('is tried again, later and later, until it takes the message', async () => {
    const hook = new Hook(500, 'fail', 302, 'hang', 204);
    const bench = await withHook(hook);
    await bench.leavesMessage('Call me');
    await bench.advance(300_000);
    assert.equal(hook.posts.length, 5);
    const gaps = hook.posts.slice(1).map((post, index) => post.at - (hook.posts[index]?.at ?? 0));
    [5_000, 10_000, 20_000, 5_000 + 40_000].forEach((least, index) => {
      const gap = gaps[index] ?? 0;
      assert.ok(gap >= least && gap <= least * 1.25 + 1, `gap ${index}: ${gap}`);
    });
    assert.equal(new Set(hook.posts.map((post) => post.body)).size, 1);
    assert.equal(new Set(hook.posts.map((post) => post.headers.get('x-chat-gateway-delivery'))).size, 1);
    assert.deepEqual((await bench.store.load(TENANT)).deliveries, []);
    await bench.close();
  });

  it('is tried on after a restart', async () => {
    const hook = new Hook(500, 500);
    const bench = await withHook(hook);
    await bench.leavesMessage('Call me');
    await bench.settled();
    assert.equal(hook.posts.length, 1);
    const helpdesk = await bench.restart();
    await bench.clock.advance(60_000);
    assert.equal(hook.posts.length, 1, 'nothing is sent by one that is closed');
    await helpdesk.open(() => undefined);
    await bench.advance(60_000);
    assert.equal(hook.posts.length, 3);
    await bench.close();
  });

  it('is tried again after a pause where the message cannot be read', async () => {
    const hook = new Hook();
    const bench = await withHook(hook);
    const leftMessage = bench.store.leftMessage.bind(bench.store);
    let reads = 0;
    Object.assign(bench.store, {
      leftMessage: async (...of: Parameters<typeof leftMessage>) => {
        if (++reads < 3) throw new Error('disk');
        return leftMessage(...of);
      },
    });
    await bench.leavesMessage('Call me');
    await bench.settled();
    assert.equal(reads, 1);
    await bench.advance(60_000);
    assert.deepEqual([reads, hook.posts.length], [3, 1]);
    await bench.close();
  });

  it('is given up after 24 h', async () => {
    const hook = new Hook(...Array.from({ length: 200 }, () => 503));
    const bench = await withHook(hook);
    await bench.leavesMessage('Call me');
    await bench.clock.advance(26 * 3_600_000);
    const count = hook.posts.length;
    assert.ok(count > 24 && count < 60, String(count));
    await bench.clock.advance(5 * 3_600_000);
    assert.equal(hook.posts.length, count);
    assert.deepEqual((await bench.store.load(TENANT)).deliveries, []);
    await bench.close();
  });

  it('that hangs delays no other message, four at a time', async () => {
    const hook = new Hook('hang', 'hang', 200);
    const bench = await withHook(hook);
    for (const text of ['1', '2', '3']) await bench.leavesMessage(text);
    await bench.settled();
    assert.equal(hook.posts.length, 3);
    assert.equal((await bench.store.load(TENANT)).deliveries.length, 2);
    await bench.close();
  });

  it('without one nothing is kept for it', async () => {
    const bench = await new Bench().open();
    await bench.leavesMessage('Call me');
    assert.deepEqual((await bench.store.load(TENANT)).deliveries, []);
    await bench.close();
  });

  it('H08 a redirect of a real server is not followed', async () => {
    const paths: string[] = [];
    const server = createServer((request, response) => {
      paths.push(request.url ?? '');
      request.resume();
      response.writeHead(request.url === '/in' && paths.length === 1 ? 307 : 200, { location: '/elsewhere' }).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const bench = await new Bench({
      helpdesk: { webhook: { ...webhook, url: `http://127.0.0.1:${port}/in` } },
      fetch: globalThis.fetch,
    }).open();
    await bench.leavesMessage('Call me');
    const first = once(server, 'request');
    if (paths.length === 0) await first;
    while ((await bench.store.load(TENANT)).deliveries[0]?.attempts === 0) await bench.settled();
    await bench.advance(10_000);
    while ((await bench.store.load(TENANT)).deliveries.length > 0) await bench.settled();
    assert.deepEqual(paths, ['/in', '/in']);
    await bench.close();
    server.close();
    server.closeAllConnections();
  });
});
