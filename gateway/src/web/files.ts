import type { IncomingMessage } from 'node:http';
import { type Duplex, Readable } from 'node:stream';
import type { Clock } from '@chat-gateway/runtime';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Tenant, Tenants } from '../config/tenants.ts';
import { FileError, type Files, type StoredFile } from '../helpdesk/files.ts';
import { contentDisposition } from './disposition.ts';
import { FILE_POLICY } from './headers.ts';
import {
  DOWNLOADS,
  DOWNLOADS_PER_ADDRESS,
  FILE_STALL_MS,
  REFUSED_MS,
  UPLOADS,
  UPLOADS_PER_ADDRESS,
  UPLOADS_PER_TENANT,
} from './limits.ts';
import { flowing } from './flow.ts';
import type { Peer } from './peer.ts';
import { rangeOf } from './range.ts';
import { Slots } from './rates.ts';
import { Refusal } from './refusal.ts';
import { tenantNamed } from './tenant-of.ts';

export interface FileDeps {
  readonly tenants: Tenants;
  readonly files: Files;
  readonly clock: Clock;
  readonly peerOf: (request: IncomingMessage) => Peer;
  /** Connections that bring a file now: they may take longer than other requests. */
  readonly uploading: WeakSet<Duplex>;
}

/** `/files/<tenant>/<id>/<name>`: the name is for people. */
const ADDRESS = '/files/:tenant/:id/*';
export const FILE_METHODS = 'GET, HEAD, PUT, OPTIONS';
/** Web apps of staff come from anywhere; who knows the address may have the file, and nothing else is told apart. */
const ANY_ORIGIN = { 'Access-Control-Allow-Origin': '*', 'Cross-Origin-Resource-Policy': 'cross-origin' };
const KEPT = 'private, max-age=86400, immutable';
const INLINE = /^(?:image|audio|video)\//u;
const BUSY_MS = 2_000;

interface Asked {
  Params: { tenant: string; id: string };
}

const noSuchFile = () => new FileError('not-found');

/** Files of chats by HTTP [XEP-0363 §6]: PUT where a slot was given, GET what came. */
export function addFiles(app: FastifyInstance, deps: FileDeps): void {
  const { files, clock, peerOf, uploading } = deps;
  const uploads = new Slots(UPLOADS_PER_ADDRESS, UPLOADS);
  /** So that the files of one tenant stop those of no other. */
  const uploadsOfTenant = new Slots(UPLOADS_PER_TENANT);
  const downloads = new Slots(DOWNLOADS_PER_ADDRESS, DOWNLOADS);

  // whatever it is called, it is taken as it comes
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => {
    done(null, payload);
  });
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers(ANY_ORIGIN);
  });

  const tenantOf = (request: FastifyRequest<Asked>): Tenant => {
    const tenant = tenantNamed(deps.tenants, request.params.tenant);
    if (tenant === undefined) throw noSuchFile();
    return tenant;
  };
  const take = (slots: Slots, key: string): (() => void) => {
    const release = slots.take(key);
    if (release === undefined) {
      throw new Refusal('busy', 'Too many files are on their way. Try again in a moment.', { retryAfterMs: BUSY_MS });
    }
    return release;
  };
  const addressOf = (request: FastifyRequest): string => peerOf(request.raw).addressKey;

  app.options<Asked>(ADDRESS, async (_request, reply) => {
    reply.headers({
      'Access-Control-Allow-Methods': FILE_METHODS,
      'Access-Control-Allow-Headers': 'Content-Type, Range',
      'Access-Control-Max-Age': '86400',
    });
    return await reply.code(204).send();
  });

  app.put<Asked>(ADDRESS, async (request, reply) => {
    const tenant = tenantOf(request);
    const ofAddress = take(uploads, addressOf(request));
    const { raw } = request;
    const { socket, headers } = raw;
    let ofTenant: (() => void) | undefined;
    uploading.add(socket);
    try {
      ofTenant = take(uploadsOfTenant, tenant.id);
      // a stream that is given up would take the answer with it
      const source = raw.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
      const bytes = flowing(source, FILE_STALL_MS, clock, () => socket.destroy());
      const length = headers['content-length'];
      const size = length === undefined ? undefined : Number(length);
      await files.put(tenant.id, request.params.id, bytes, size, headers['content-type']);
    } catch (error) {
      if (raw.destroyed && !raw.complete) throw new Refusal('bad-request', 'The file did not come whole.');
      drain(raw, clock);
      throw error;
    } finally {
      uploading.delete(socket);
      ofTenant?.();
      ofAddress();
    }
    return await reply.code(201).send();
  });

  const answer = async (request: FastifyRequest<Asked>, reply: FastifyReply): Promise<FastifyReply> => {
    const stored = await files.get(tenantOf(request).id, request.params.id);
    const { file } = stored;
    const etag = `"${stored.etag}"`;
    reply.headers({
      'Content-Security-Policy': FILE_POLICY,
      'Cache-Control': KEPT,
      'Accept-Ranges': 'bytes',
      'Access-Control-Expose-Headers': 'Content-Disposition, Content-Length, Content-Range',
      ETag: etag,
    });
    if (request.headers['if-none-match'] === etag) return await reply.code(304).send();
    reply.header(
      'Content-Disposition',
      contentDisposition(INLINE.test(file.type) ? 'inline' : 'attachment', file.name),
    );
    const ifRange = request.headers['if-range'];
    const asked = ifRange === undefined || ifRange === etag ? request.headers.range : undefined;
    const range = rangeOf(asked, file.size);
    if (range === 'none') {
      reply.header('Content-Range', `bytes */${file.size}`);
      return await reply.code(416).send();
    }
    const { from, to } = range ?? { from: 0, to: file.size };
    if (range !== undefined) reply.code(206).header('Content-Range', `bytes ${from}-${to - 1}/${file.size}`);
    reply.header('Content-Length', to - from).type(typeHeader(file.type));
    if (request.method === 'HEAD') return await reply.send();
    return await reply.send(body(request, stored, from, to));
  };

  const body = (request: FastifyRequest, stored: StoredFile, from: number, to: number): Readable => {
    const release = take(downloads, addressOf(request));
    const { socket } = request.raw;
    const bytes = flowing(stored.read(from, to), FILE_STALL_MS, clock, () => socket.destroy());
    const stream = Readable.from(bytes, { objectMode: false, highWaterMark: 1 });
    stream.once('close', release);
    return stream;
  };

  app.get<Asked>(ADDRESS, { exposeHeadRoute: false }, answer);
  app.head<Asked>(ADDRESS, answer);
}

/** Reads on for a while, so that the other side reads the answer: most read nothing before they have sent all. */
function drain(request: IncomingMessage, clock: Clock): void {
  if (request.readableEnded) return;
  const cancel = clock.after(REFUSED_MS, () => request.socket.destroy());
  request.once('end', cancel).once('close', cancel).resume();
}

function typeHeader(type: string): string {
  // what the sender's program wrote it in is not known; most write UTF-8 today
  return type.startsWith('text/') ? `${type}; charset=utf-8` : type;
}
