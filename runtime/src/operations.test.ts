import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { listen } from './listen.ts';
import { silentLogger } from './logger.ts';
import { createMetrics } from './metrics.ts';
import { createOperationsServer, type OperationsServer } from './operations.ts';

describe('the operations port', () => {
  let ill: string[] = [];
  let unready: string[] = [];
  const metrics = createMetrics({ process: true });
  let sessions = 7;
  metrics.gauge({ name: 'gateway_sessions', help: 'Bound streams.', read: () => sessions });
  metrics.counter({
    name: 'gateway_logins_total',
    help: 'Logins.',
    label: 'outcome',
    read: () => ({ ok: 3, refused: 1 }),
  });
  let server: OperationsServer;
  let origin: string;

  before(async () => {
    server = createOperationsServer({ metrics, health: () => ill, readiness: () => unready, log: silentLogger });
    const { port } = await server.listen('127.0.0.1', 0);
    origin = `http://127.0.0.1:${port}`;
  });
  after(async () => {
    await server.close();
  });

  it('says that all is well, and what is not', async () => {
    assert.equal((await fetch(`${origin}/healthz`)).status, 200);
    ill = ['the store cannot be written'];
    const answer = await fetch(`${origin}/healthz`);
    ill = [];
    assert.equal(answer.status, 503);
    assert.equal(await answer.text(), 'the store cannot be written\n');
  });
  it('J10 is ready or not apart from its health', async () => {
    unready = ['draining'];
    const answer = await fetch(`${origin}/readyz`);
    assert.equal((await fetch(`${origin}/healthz`)).status, 200);
    unready = [];
    assert.equal(answer.status, 503);
    assert.equal((await fetch(`${origin}/readyz`)).status, 200);
  });
  it('tells our figures as they are now, and those of the process', async () => {
    sessions = 8;
    const text = await (await fetch(`${origin}/metrics`)).text();
    assert.match(text, /^# TYPE gateway_sessions gauge\ngateway_sessions 8$/mu);
    assert.match(text, /^gateway_logins_total\{outcome="ok"\} 3$/mu);
    assert.match(text, /^gateway_logins_total\{outcome="refused"\} 1$/mu);
    assert.match(text, /^nodejs_eventloop_lag_p99_seconds /mu);
    const again = await (await fetch(`${origin}/metrics`)).text();
    assert.match(again, /^gateway_logins_total\{outcome="ok"\} 3$/mu, 'a counter is read, not added up');
  });
  it('lists what it has at /', async () => {
    const text = await (await fetch(`${origin}/`)).text();
    for (const path of ['/healthz', '/readyz', '/metrics']) assert.ok(text.includes(path));
  });
  it('answers HEAD without a body', async () => {
    const answer = await fetch(`${origin}/healthz`, { method: 'HEAD' });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('content-length'), '3');
    assert.equal(await answer.text(), '');
  });
  for (const path of ['/applied', '/healthz/', '/metrics/../metrics2', '//healthz']) {
    it(`does not know ${path}`, async () => {
      assert.equal((await fetch(origin + path)).status, 404);
    });
  }
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
    it(`takes no ${method}`, async () => {
      const answer = await fetch(`${origin}/healthz`, { method, ...(method === 'POST' ? { body: 'x' } : {}) });
      assert.equal(answer.status, 405);
      assert.equal(answer.headers.get('allow'), 'GET, HEAD');
    });
  }
  it('answers 500 and goes on when a figure cannot be read', async (t) => {
    const broken = createMetrics({ process: false });
    broken.gauge({
      name: 'broken',
      help: 'x',
      read: () => {
        throw new Error('hunter2');
      },
    });
    const other = createOperationsServer({ metrics: broken, health: () => [], readiness: () => [], log: silentLogger });
    const { port } = await other.listen('127.0.0.1', 0);
    t.after(async () => other.close());
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
    assert.equal(answer.status, 500);
    assert.equal(await answer.text(), '');
    assert.equal((await fetch(`http://127.0.0.1:${port}/healthz`)).status, 200);
  });
});

describe('listening', () => {
  it('rejects with the error of the system when the port is taken', async (t) => {
    const first = createServer();
    const { port } = await listen(first, '127.0.0.1', 0);
    t.after(() => first.close());
    assert.ok(port > 0);
    await assert.rejects(listen(createServer(), '127.0.0.1', port), { code: 'EADDRINUSE', port });
  });
});
