/** The web part over https on a real port, with the embedded helpdesk's files in a database on the disk. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { type Logger, ManualClock } from '@chat-gateway/runtime';
import { limitsSchema, type TenantConfig } from '../../src/config/schema.ts';
import { makeSelfSigned } from '../../src/config/self-signed.ts';
import { createEmbeddedFiles } from '../../src/connectors/embedded/files/files.ts';
import { openSqlite } from '../../src/connectors/embedded/store/sqlite-database.ts';
import { createSqliteFiles } from '../../src/connectors/embedded/store/sqlite-files.ts';
import type { Bringer } from '../../src/helpdesk/files.ts';
import type { StaffId, TenantId } from '../../src/helpdesk/model.ts';
import type { HttpTimes } from '../../src/web/limits.ts';
import { createWebServer } from '../../src/web/server.ts';
import { MemorySite } from '../../src/web/testing/memory-site.ts';
import { memoryTenants } from '../../src/web/testing/memory-tenants.ts';
import { question, uuid } from '../../src/web/testing/open-web.ts';

export const ACME = 'acme.example';
export const OTHER = 'other.example';
export const jesse: Bringer = { is: 'staff', staff: 'jesse' as StaffId };

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const pair = makeSelfSigned({ names: [ACME], now: Date.UTC(2026, 0, 5) });

export async function openSecureWeb({
  files: config = {},
  times,
}: { files?: Partial<TenantConfig['files']>; times?: HttpTimes } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'gateway-files-'));
  const { certificate, key } = await pair;
  const context = createSecureContext({ cert: certificate, key });
  const clock = new ManualClock();
  const logged: string[] = [];
  const keep = (facts: object, text: string) => {
    logged.push(`${text} ${JSON.stringify(facts, (name, value: unknown) => (name === 'err' ? String(value) : value))}`);
  };
  const log: Logger = { debug: keep, info: keep, warn: keep, error: keep, child: () => log };
  const database = openSqlite(join(folder, 'gateway.sqlite'));
  const tenants = memoryTenants(
    { domain: ACME, publicUrl: `https://${ACME}`, files: config },
    { domain: OTHER, publicUrl: `https://${ACME}` },
  );
  const files = createEmbeddedFiles({
    store: createSqliteFiles(database),
    tenants,
    clock,
    log,
    random: (bytes) => randomBytes(bytes).toString('hex'),
  });
  const site = new MemorySite(clock);
  const server = createWebServer({
    tenants,
    site,
    files,
    clock,
    log,
    limits: limitsSchema.parse({}),
    trustedProxies: [],
    https: { contextFor: () => context },
    ...(times !== undefined && { times }),
  });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0, tls: true });

  const begin = (
    method: string,
    path: string,
    headers: Readonly<Record<string, string | number>> = {},
    localAddress = '127.0.0.1',
  ): ClientRequest =>
    request({
      ...{ host: '127.0.0.1', port, path, method, agent: false, rejectUnauthorized: false, servername: ACME },
      localAddress,
      headers: { host: ACME, ...headers },
    });
  const answerOf = async (asked: ClientRequest): Promise<Answer> => {
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) };
  };
  const ask = async (
    method: string,
    path: string,
    headers: Readonly<Record<string, string | number>> = {},
    body?: Uint8Array | string,
  ): Promise<Answer> => {
    const asked = begin(method, path, headers);
    // a refusal may come before all is sent
    asked.on('error', () => undefined);
    asked.end(body);
    return await answerOf(asked);
  };
  const call = async (verb: string, body: unknown, ticket?: string, tenant = ACME): Promise<Answer> =>
    await ask(
      'POST',
      `/api/${tenant}/${verb}`,
      {
        origin: `https://${ACME}`,
        'content-type': 'application/json',
        ...(ticket !== undefined && { authorization: `Ticket ${ticket}` }),
      },
      JSON.stringify(body),
    );
  const pathOf = (url: string) => new URL(url).pathname;

  return {
    clock,
    database,
    files,
    logged,
    port,
    server,
    site,
    tenants,
    begin,
    answerOf,
    ask,
    call,
    pathOf,
    rows: (table: 'file' | 'file_piece') => Number(database.get(`SELECT count(*) AS n FROM ${table}`)?.['n']),
    /** Paths of a place for a staff user's file. */
    async slot(file: { name: string; size: number; type?: string }) {
      const { putUrl, getUrl } = await files.slot(ACME as TenantId, jesse, file);
      return { put: pathOf(putUrl), get: pathOf(getUrl) };
    },
    /** Brings a file by https; the path that it has then. */
    async bring(name: string, type: string, content: Buffer): Promise<string> {
      const slot = await this.slot({ name, size: content.length, type });
      const { status } = await ask('PUT', slot.put, { 'content-type': type }, content);
      if (status !== 201) throw new Error(`${name} was not taken: ${status}`);
      return slot.get;
    },
    /** The ticket of a visitor's chat. */
    async chat(number = 1): Promise<string> {
      const { body } = await call('start', { ...question, messageId: uuid(number) });
      return (JSON.parse(body.toString()) as { ticket: string }).ticket;
    },
    async [Symbol.asyncDispose]() {
      files.close();
      await server.close();
      await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
export type SecureWeb = Awaited<ReturnType<typeof openSecureWeb>>;
