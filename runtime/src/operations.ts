import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Address, listen } from './listen.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';

/** Why this process is not well, or not ready: plain sentences; none when all is well. */
export type Ailments = () => readonly string[];

export interface OperationsOptions {
  readonly metrics: Metrics;
  /** Something is wrong that only a restart mends. */
  readonly health: Ailments;
  /** No new work should be sent here now: starting, or draining. */
  readonly readiness: Ailments;
  readonly log: Logger;
}

export interface OperationsServer {
  /** Rejects with the system's error (`EADDRINUSE`…). */
  listen(host: string, port: number): Promise<Address>;
  close(): Promise<void>;
}

interface Page {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

const PLAIN = 'text/plain; charset=utf-8';
const INDEX = `Chat Gateway: operations

/healthz   is this process well
/readyz    does it take new work
/metrics   figures for Prometheus
`;

function verdict(ailments: readonly string[]): Page {
  if (ailments.length === 0) return { status: 200, type: PLAIN, text: 'ok\n' };
  return { status: 503, type: PLAIN, text: `${ailments.join('\n')}\n` };
}

/** Health, readiness and metrics over HTTP. It tells nothing of tenants and takes no commands, but is not for the public. */
export function createOperationsServer({ metrics, health, readiness, log }: OperationsOptions): OperationsServer {
  async function page(path: string): Promise<Page> {
    switch (path) {
      case '/':
        return { status: 200, type: PLAIN, text: INDEX };
      case '/healthz':
        return verdict(health());
      case '/readyz':
        return verdict(readiness());
      case '/metrics':
        return { status: 200, type: metrics.contentType, text: await metrics.text() };
      default:
        return { status: 404, type: PLAIN, text: 'not found\n' };
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const reads = request.method === 'GET' || request.method === 'HEAD';
    if (!reads) response.setHeader('allow', 'GET, HEAD');
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    const { status, type, text } = reads ? await page(path) : { status: 405, type: PLAIN, text: 'only GET and HEAD\n' };
    response.writeHead(status, {
      'content-type': type,
      'content-length': Buffer.byteLength(text),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    response.end(request.method === 'HEAD' ? undefined : text);
  }

  const server = createServer(
    { headersTimeout: 5_000, requestTimeout: 5_000, keepAliveTimeout: 10_000 },
    (request, response) => {
      // a body is never wanted
      request.resume();
      answer(request, response).catch((error: unknown) => {
        log.error({ err: error }, 'the operations port could not answer');
        if (!response.headersSent) response.writeHead(500, { 'content-type': PLAIN });
        response.end();
      });
    },
  );
  server.maxConnections = 100;

  return {
    listen: async (host, port) => listen(server, host, port),
    close: async () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
