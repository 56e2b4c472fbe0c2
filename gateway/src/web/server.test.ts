import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { silentLogger } from '@chat-gateway/runtime';
import { memoryTenants } from './testing/memory-tenants.ts';
import { openWeb } from './testing/open-web.ts';

const directive = (policy: unknown, name: string) =>
  String(policy)
    .split('; ')
    .find((part) => part.startsWith(`${name} `));

describe('pages', () => {
  it('J17 the page has a strict policy and all other headers', async () => {
    await using web = await openWeb();
    const { status, headers, text } = await web.ask('/');
    assert.equal(status, 200);
    assert.equal(headers['content-type'], 'text/html; charset=utf-8');
    assert.equal(
      headers['content-security-policy'],
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
        "frame-ancestors 'self'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'",
    );
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(headers['strict-transport-security'], undefined);
    assert.doesNotMatch(text, /<script(?![^>]* src=)|<style| style=| on[a-z]+=/u);
  });

  it('J17 the websites of a tenant may frame its page, nobody else, and none of them adds a directive', async () => {
    const allowedOrigins = [
      'https://shop.example',
      'https://*.acme.example',
      'https://x; script-src *',
      'javascript:x',
    ];
    const tenants = memoryTenants({ domain: 'a.example', allowedOrigins }, { domain: 'b.example' });
    await using web = await openWeb({ tenants });
    const a = await web.ask('/', { headers: { host: 'a.example' } });
    assert.equal(
      directive(a.headers['content-security-policy'], 'frame-ancestors'),
      "frame-ancestors 'self' https://shop.example https://*.acme.example",
    );
    const b = await web.ask('/', { headers: { host: 'b.example' } });
    assert.equal(directive(b.headers['content-security-policy'], 'frame-ancestors'), "frame-ancestors 'self'");
  });

  it('J17 calls are never kept, and may not be framed', async () => {
    await using web = await openWeb();
    for (const answer of [
      await web.call('reception', {}),
      await web.call('reception', 'x'),
      await web.ask('/api/x/y'),
    ]) {
      assert.equal(answer.headers['cache-control'], 'no-store');
      assert.equal(directive(answer.headers['content-security-policy'], 'frame-ancestors'), "frame-ancestors 'none'");
      assert.equal(answer.headers['x-content-type-options'], 'nosniff');
    }
  });

  it('J17 https at a trusted proxy gets HSTS, a claim of it does not', async () => {
    await using behind = await openWeb({ trustedProxies: ['127.0.0.1'] });
    await using open = await openWeb();
    const headers = { 'x-forwarded-proto': 'https' };
    assert.equal((await behind.ask('/', { headers })).headers['strict-transport-security'], 'max-age=31536000');
    assert.equal((await open.ask('/', { headers })).headers['strict-transport-security'], undefined);
  });

  const two = () =>
    memoryTenants(
      { domain: 'a.example', name: 'A & <B>' },
      { domain: 'b.example', publicUrl: 'https://chat.b.example' },
    );
  const whose: Record<string, [host: string, path: string, tenant: string | undefined]> = {
    'the domain names its tenant': ['a.example', '/', 'a.example'],
    'in capitals, with a port and a final dot': ['A.Example.:8080', '/', 'a.example'],
    'the public address names its tenant': ['chat.b.example', '/', 'b.example'],
    'an address of the machine takes the tenant that is asked for': ['127.0.0.1:80', '/?tenant=b.example', 'b.example'],
    'localhost too': ['localhost', '/?tenant=B.EXAMPLE', 'b.example'],
    'an IPv6 address too': ['[::1]:8080', '/?tenant=b.example', 'b.example'],
    'a shared host too': ['chat.platform.example', '/?tenant=b.example', 'b.example'],
    'with two tenants an address of the machine alone names none': ['127.0.0.1', '/', undefined],
    'nobody is shown under the domain of somebody else': ['a.example', '/?tenant=b.example', undefined],
    'an unknown host names none': ['x.example', '/', undefined],
    'an unknown tenant is none': ['localhost', '/?tenant=x.example', undefined],
    'two tenants are none': ['localhost', '/?tenant=a.example&tenant=b.example', undefined],
    'an empty one is none': ['localhost', '/?tenant=', undefined],
    'a host that is none': ['a.example/x', '/', undefined],
    'a very long tenant': ['localhost', `/?tenant=${'a.'.repeat(3_000)}`, undefined],
  };
  for (const [name, [host, path, tenant]] of Object.entries(whose)) {
    it(`whose page: ${name}`, async () => {
      await using web = await openWeb({ tenants: two() });
      const { status, text } = await web.ask(path, { headers: { host } });
      assert.equal(/data-tenant="([^"]*)"/u.exec(text)?.[1], tenant);
      assert.equal(status, tenant === undefined ? 404 : 200);
      if (tenant === undefined) assert.match(text, /\?tenant=/u);
    });
  }

  it('the only tenant is the default on addresses of the machine, not on other names', async () => {
    await using web = await openWeb({ domains: ['only.example'] });
    assert.equal((await web.ask('/', { headers: { host: '127.0.0.1:8080' } })).status, 200);
    assert.equal((await web.ask('/', { headers: { host: 'other.example' } })).status, 404);
  });

  it('the name of a tenant is text', async () => {
    await using web = await openWeb({ tenants: two() });
    const { text } = await web.ask('/', { headers: { host: 'a.example' } });
    assert.match(text, /<title>A &amp; &lt;B&gt;<\/title>/u);
  });

  it('a suspended or removed tenant is the same as an unknown one, for its calls too', async () => {
    const tenants = two();
    await using web = await openWeb({ tenants });
    const headers = { origin: web.origin, 'content-type': 'application/json' };
    const ask = async (domain: string) => [
      (await web.ask(`/?tenant=${domain}`)).text,
      (await web.ask(`/api/${domain}/reception`, { method: 'POST', body: '{}', headers })).text,
    ];
    tenants.remove('b.example');
    assert.deepEqual(await ask('b.example'), await ask('never.example'));
  });
});

describe('files', () => {
  it('are kept for good under the name of their build, and asked for again with their etag', async () => {
    await using web = await openWeb();
    const { text } = await web.ask('/');
    const paths = [...text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/gu)].map(([, path]) => path ?? '');
    assert.equal(paths.length, 4);
    for (const path of paths) {
      const file = await web.ask(path);
      assert.equal(file.status, 200);
      assert.equal(file.headers['cache-control'], 'public, max-age=31536000, immutable');
      const again = await web.ask(path, { headers: { 'if-none-match': String(file.headers.etag) } });
      assert.deepEqual([again.status, again.text], [304, '']);
    }
    assert.equal(
      (await web.ask(paths.find((path) => path.endsWith('.js')) ?? '')).headers['content-type'],
      'text/javascript; charset=utf-8',
    );
  });

  it('a page of another version gets what there is, and keeps nothing of it', async () => {
    await using web = await openWeb();
    const file = await web.ask(`/assets/${'0'.repeat(16)}/page.js`);
    assert.deepEqual([file.status, file.headers['cache-control']], [200, 'no-store']);
  });

  it('every module that a module asks for is there', async () => {
    await using web = await openWeb();
    const [, folder = ''] = /src="(\/assets\/[^"/]+\/)page\.js"/u.exec((await web.ask('/')).text) ?? [];
    const seen = new Set(['page.js']);
    for (const name of seen) {
      const { status, text } = await web.ask(folder + name);
      assert.equal(status, 200, name);
      for (const [, next] of text.matchAll(/^import [^;]*from '\.\/([^']+)';$/gmu))
        if (next !== undefined) seen.add(next);
    }
    assert.ok(seen.size > 10);
  });

  it('the widget may be loaded by every website', async () => {
    await using web = await openWeb();
    const { status, headers } = await web.ask('/widget.js');
    assert.equal(status, 200);
    assert.equal(headers['cross-origin-resource-policy'], 'cross-origin');
    assert.equal(headers['content-type'], 'text/javascript; charset=utf-8');
  });

  const tricks = [
    '/assets/0123456789abcdef/..%2f..%2fserver.ts',
    '/assets/0123456789abcdef/%2e%2e/%2e%2e/server.ts',
    '/assets/0123456789abcdef/../server.ts',
    '/assets/0123456789abcdef/..%5c..%5cserver.ts',
    '/assets/0123456789abcdef/page.js%00.css',
    '/assets/0123456789abcdef/page.js;.css',
    '/assets/0123456789abcdef/%E2%88%95etc%E2%88%95passwd',
    '/assets/0123456789abcdef/__proto__',
    '/assets/0123456789abcdef/constructor',
    '/assets/0123456789abcdef/tsconfig.json',
    '/assets//page.js',
    '//assets/0123456789abcdef/page.js',
    '/%',
    '/assets/0123456789abcdef/%ff',
    `/assets/0123456789abcdef/${'a'.repeat(4_000)}`,
    'http://evil.example/assets/0123456789abcdef/server.ts',
  ];
  for (const path of tricks) {
    it(`J07 ${path.slice(0, 50)} is 400 or 404 and leads out of no folder`, async () => {
      await using web = await openWeb();
      const { status, text } = await web.ask(path);
      assert.ok([400, 404].includes(status), String(status));
      assert.doesNotMatch(text, /createWebServer|compilerOptions|root:/u);
    });
  }

  it('J07 a very long path is refused', async () => {
    await using web = await openWeb();
    assert.equal((await web.ask(`/${'a'.repeat(20_000)}`)).status, 431);
  });

  for (const path of [
    '/metrics',
    '/healthz',
    '/readyz',
    '/livez',
    '/debug',
    '/debug/heap',
    '/applied',
    '/.env',
    '/api',
  ]) {
    it(`J09 ${path} does not exist here`, async () => {
      await using web = await openWeb();
      assert.equal((await web.ask(path)).status, 404);
    });
  }
});

describe('methods', () => {
  for (const [method, path] of [
    ['TRACE', '/'],
    ['FOO', '/'],
    ['PUT', '/'],
    ['DELETE', '/api/localhost/start'],
    ['PROPFIND', '/'],
    ['POST', '/'],
    ['POST', '/widget.js'],
    ['GET', '/api/localhost/start'],
    ['GET', '/api/localhost/socket'],
    ['CONNECT', 'x.example:443'],
  ] as const) {
    it(`J08 ${method} ${path} is 405`, async () => {
      await using web = await openWeb();
      const answer = await web.raw(
        `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
      );
      assert.match(answer, /^HTTP\/1\.1 405 /u);
    });
  }
});

describe('what is no proper request', () => {
  const bytes: Record<string, [sent: string | Buffer, answer: RegExp]> = {
    'J05 a PROXY header v1': [
      'PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n',
      /^HTTP\/1\.1 4\d\d /u,
    ],
    'J05 a PROXY header v2': [
      Buffer.from('0d0a0d0a000d0a515549540a2111000c0102030405060708000100020d0a', 'hex'),
      /^HTTP\/1\.1 4\d\d /u,
    ],
    'no HTTP at all': ['hello\r\n\r\n', /^HTTP\/1\.1 4\d\d /u],
    'a TLS hello on the plain port': [Buffer.from('160301020001000', 'hex'), /^HTTP\/1\.1 4\d\d /u],
    'two lengths': [
      'POST /api/localhost/start HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      /^HTTP\/1\.1 400 /u,
    ],
    'a length and chunks': [
      'POST /api/localhost/start HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      /^HTTP\/1\.1 400 /u,
    ],
    'a line break in a header': ['GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n', /^HTTP\/1\.1 400 /u],
  };
  for (const [name, [sent, expected]] of Object.entries(bytes)) {
    it(`${name} is refused and nothing of it repeated`, async () => {
      await using web = await openWeb();
      const answer = await web.raw(sent);
      assert.match(answer, expected);
      assert.doesNotMatch(answer, /hello|1\.2\.3\.4|PROXY/u);
      assert.equal((await web.call('reception', {})).status, 200);
    });
  }

  const times = { headersMs: 150, requestMs: 200, keepAliveMs: 1_000, checkMs: 20 };
  it('J03 headers that never end are cut in time', async () => {
    await using web = await openWeb({ times });
    assert.match(await web.raw('GET / HTTP/1.1\r\nHost: localhost\r\nX-A: '), /^HTTP\/1\.1 408 /u);
  });
  it('J03 a body that never ends is cut in time', async () => {
    await using web = await openWeb({ times });
    const head = `POST /api/localhost/start HTTP/1.1\r\nHost: 127.0.0.1:${web.port}\r\nOrigin: ${web.origin}\r\nContent-Type: application/json\r\n`;
    assert.match(await web.raw(`${head}Transfer-Encoding: chunked\r\n\r\n5\r\n{"a":`), /^HTTP\/1\.1 408 /u);
  });
  it('J03 chunks of more than 64 KiB are 413 before they end', async () => {
    await using web = await openWeb();
    const head = `POST /api/localhost/start HTTP/1.1\r\nHost: 127.0.0.1:${web.port}\r\nOrigin: ${web.origin}\r\nContent-Type: application/json\r\n`;
    const answer = await web.raw(`${head}Transfer-Encoding: chunked\r\n\r\n11000\r\n${'x'.repeat(0x11000)}\r\n`);
    assert.match(answer, /^HTTP\/1\.1 413 /u);
  });
  it('J03 sockets that are slow keep nobody else waiting, and are closed', async () => {
    await using web = await openWeb({ times });
    const slow = Array.from({ length: 200 }, () => {
      const socket = connect(web.port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.resume().write('GET / HT');
      return once(socket, 'close');
    });
    assert.equal((await web.call('reception', {})).status, 200);
    await Promise.all(slow);
  });
});

describe('a proxy that is not trusted', () => {
  it('J05 is told of once, without an address', async () => {
    const warnings: string[] = [];
    const log = { ...silentLogger, warn: (facts: object, text: string) => warnings.push(JSON.stringify(facts) + text) };
    await using web = await openWeb({ log });
    for (let time = 0; time < 3; time++) await web.ask('/', { headers: { 'x-forwarded-for': '198.51.100.7' } });
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /trustedProxies/u);
    assert.doesNotMatch(warnings[0] ?? '', /198|127/u);
  });
});

describe('listening', () => {
  it('a port in use is an error that can be told', async () => {
    await using web = await openWeb();
    await assert.rejects(web.server.listen({ host: '127.0.0.1', port: web.port }), { code: 'EADDRINUSE' });
  });
});
