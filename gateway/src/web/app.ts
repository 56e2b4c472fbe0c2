import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from '@chat-gateway/runtime';
import { addApi, type ApiDeps } from './api.ts';
import { type Asset, readAssets } from './assets.ts';
import { addFiles, FILE_METHODS, type FileDeps } from './files.ts';
import { COMMON_HEADERS, HSTS, NO_PAGE_POLICY, pagePolicy, PERMISSIONS } from './headers.ts';
import { BODY_BYTES } from './limits.ts';
import { chatPage, unknownPage } from './page.ts';
import { Refusal, refusalOf } from './refusal.ts';
import { readJson } from './strict-json.ts';
import { tenantOf } from './tenant-of.ts';

const READ_ONLY = /^\/(?:$|widget\.js$|assets\/)/u;
const BUILD = /^[0-9a-f]{16}$/u;
const METHODS = 'GET, HEAD, POST';
const FILES = '/files/';
const FOR_GOOD = 'public, max-age=31536000, immutable';
const NEVER = 'no-store';
const REFUSAL_HEADERS = { ...COMMON_HEADERS, 'Content-Security-Policy': NO_PAGE_POLICY, 'Cache-Control': NEVER };

/** What fastify itself refuses, before any of our code runs. */
function refusalOfFastify(error: FastifyError): Refusal | undefined {
  switch (error.statusCode) {
    case 413:
      return new Refusal('too-large', 'The request is too large.');
    case 415:
      return new Refusal('not-json', 'The request must be application/json.');
    case 400:
      return new Refusal('bad-request', 'The request is not well-formed.');
    case 404:
      return new Refusal('not-found', 'There is no such address.');
    default:
      return undefined;
  }
}

function sendAsset(request: FastifyRequest, reply: FastifyReply, asset: Asset, caching: string) {
  reply.headers({ ETag: asset.etag, 'Cache-Control': caching });
  if (request.headers['if-none-match'] === asset.etag) return reply.code(304).send();
  return reply.type(asset.type).send(asset.body);
}

/** Routes, headers and answers; connections are `server.ts`. */
export function createApp(
  deps: ApiDeps & { readonly uploading: FileDeps['uploading']; readonly log: Logger },
): FastifyInstance {
  const { tenants, peerOf, log, files } = deps;
  const assets = readAssets();
  const app = Fastify({
    logger: false,
    bodyLimit: BODY_BYTES,
    exposeHeadRoutes: true,
    frameworkErrors(error, _request, reply) {
      const refusal = refusalOfFastify(error) ?? new Refusal('bad-request', 'The request is not well-formed.');
      reply.hijack();
      reply.raw.writeHead(refusal.status, { ...REFUSAL_HEADERS, 'Content-Type': 'application/json; charset=utf-8' });
      reply.raw.end(JSON.stringify(refusal.body));
    },
    routerOptions: { maxParamLength: 253, ignoreTrailingSlash: false, caseSensitive: true },
  });

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (_request: FastifyRequest, body: Buffer) =>
    readJson(body),
  );

  app.addHook('onRequest', async (request, reply) => {
    reply.headers(REFUSAL_HEADERS);
    if (peerOf(request.raw).secure) reply.header('Strict-Transport-Security', HSTS);
    const methods = request.url.startsWith(FILES) ? FILE_METHODS : METHODS;
    if (!methods.split(', ').includes(request.method)) {
      reply.header('Allow', methods);
      throw new Refusal('wrong-method', 'This method is not known here.');
    }
  });

  app.setErrorHandler((error: FastifyError, request, reply) => {
    let refusal = refusalOf(error) ?? refusalOfFastify(error);
    if (refusal === undefined) {
      log.error({ err: error, route: request.routeOptions.url ?? 'none' }, 'a request failed');
      refusal = new Refusal('failed', 'Something went wrong here. Try again in a moment.', { retryAfterMs: 2_000 });
    }
    // nothing of an answer that was begun: a refusal that is kept would be given again
    for (const name of ['ETag', 'Accept-Ranges', 'Content-Disposition']) reply.removeHeader(name);
    reply.header('Cache-Control', NEVER);
    const seconds = refusal.retryAfterSeconds;
    if (seconds !== undefined) reply.header('Retry-After', seconds);
    if (refusal.status === 401) reply.header('WWW-Authenticate', 'Ticket');
    return reply.code(refusal.status).send(refusal.body);
  });

  app.setNotFoundHandler((request) => {
    const path = request.url.split('?', 1)[0] ?? '';
    const isKnown = request.method === 'POST' ? READ_ONLY.test(path) : path.startsWith('/api/');
    throw isKnown
      ? new Refusal('wrong-method', 'This method is not known here.')
      : new Refusal('not-found', 'There is no such address.');
  });

  app.get('/', async (request, reply) => {
    const asked = (request.query as Record<string, unknown>)['tenant'];
    const isOdd = asked !== undefined && typeof asked !== 'string';
    const tenant = isOdd ? undefined : tenantOf(tenants, peerOf(request.raw).host, asked);
    reply.headers({ 'Content-Security-Policy': pagePolicy(tenant), 'Permissions-Policy': PERMISSIONS });
    reply.type('text/html; charset=utf-8');
    if (tenant === undefined) return await reply.code(404).send(unknownPage(assets.build));
    return await reply.send(chatPage(tenant, assets.build));
  });

  app.get('/widget.js', async (request, reply) => {
    // a website that isolates itself (COEP) may load it too
    reply.header('Cross-Origin-Resource-Policy', 'cross-origin');
    return await sendAsset(request, reply, assets.widget, 'public, max-age=300');
  });

  app.get<{ Params: { build: string; name: string } }>('/assets/:build/:name', async (request, reply) => {
    const asset = BUILD.test(request.params.build) ? assets.find(request.params.name) : undefined;
    if (asset === undefined) throw new Refusal('not-found', 'There is no such file.');
    // pages of another version, during an update, get what there is and do not keep it
    return await sendAsset(request, reply, asset, request.params.build === assets.build ? FOR_GOOD : NEVER);
  });

  void app.register(async (scope) => {
    addApi(scope, deps);
  });
  if (files !== undefined) {
    void app.register(async (scope) => {
      addFiles(scope, { ...deps, files });
    });
  }
  return app;
}
