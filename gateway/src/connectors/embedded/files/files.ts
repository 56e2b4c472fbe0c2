/** Files of chats, kept in the embedded helpdesk's store (`helpdesk/files.ts`). */
import { createHash } from 'node:crypto';
import type { Clock, Logger } from '@chat-gateway/runtime';
import type { FileType } from '../../../config/file-types.ts';
import type { Tenant, Tenants } from '../../../config/tenants.ts';
import { type Bringer, FileError, type FileRules, type Files } from '../../../helpdesk/files.ts';
import type { SharedFile, TenantId } from '../../../helpdesk/model.ts';
import { type FileStore, type KeptFile, PIECE_BYTES } from '../store/file-store.ts';
import { fileAddress, fileIdAt } from './address.ts';
import { BRINGER_BYTES, BRINGER_MS, FULL_RETRY_MS, isTooSlow, SHARE, SLOT_MS, SLOTS, uploadMs } from './limits.ts';
import { fileName } from './name.ts';
import { Paces } from './pace.ts';
import { inPieces } from './pieces.ts';
import { Sweep } from './sweep.ts';
import { bareType, isLike, typeOf } from './types.ts';

export interface EmbeddedFilesDeps {
  readonly store: FileStore;
  readonly tenants: Pick<Tenants, 'get'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Hexadecimal digits of as many random bytes. */
  readonly random: (bytes: number) => string;
}

export interface EmbeddedFiles extends Files {
  /** Stops taking away what is too old. */
  close(): void;
}

const MIB = 1024 * 1024;
const DAY_MS = 24 * 60 * 60 * 1000;
const ID_BYTES = 20;

export function createEmbeddedFiles(deps: EmbeddedFilesDeps): EmbeddedFiles {
  return new KeptFiles(deps);
}

class KeptFiles implements EmbeddedFiles {
  readonly #deps: EmbeddedFilesDeps;
  readonly #paces: Paces;
  readonly #sweep: Sweep;

  constructor(deps: EmbeddedFilesDeps) {
    this.#deps = deps;
    this.#paces = new Paces(deps.clock);
    this.#sweep = new Sweep(deps);
  }

  rules(id: TenantId): FileRules | undefined {
    const tenant = this.#deps.tenants.get(id);
    if (tenant === undefined || !takesFiles(tenant)) return undefined;
    const { maxMegabytes, types } = tenant.config.files;
    return { maxBytes: Math.floor(maxMegabytes * MIB), types };
  }

  async slot(id: TenantId, by: Bringer, given: { name: string; size: number; type?: string }) {
    const { store, clock, random } = this.#deps;
    const tenant = this.#deps.tenants.get(id);
    const rules = this.rules(id);
    if (tenant === undefined || rules === undefined) throw new FileError('off');
    const { size } = given;
    if (!Number.isSafeInteger(size) || size <= 0) throw new FileError('bad-form');
    if (size > rules.maxBytes) throw new FileError('too-large');
    const type = typeOf(given.type, given.name);
    if (type === undefined || !rules.types.includes(type)) throw new FileError('wrong-type');
    const kind = by.is;
    const bringer = nameOf(by);
    // no account of a lab is slowed down
    const wait = tenant.config.lab ? 0 : this.#paces.take(`${id} ${kind} ${bringer}`, SLOTS[kind]);
    if (wait > 0) throw new FileError('too-many', wait);

    const now = clock.now();
    const name = fileName(given.name, type);
    const put = random(ID_BYTES);
    const file = random(ID_BYTES);
    const ofTenant = tenant.config.files.totalMegabytes * MIB;
    const outcome = await store.reserve(
      id,
      {
        id: digest(file),
        put: digest(put),
        kind,
        bringer,
        at: now,
        until: now + SLOT_MS,
        name,
        type,
        ...(given.type !== undefined && { askedType: bareType(given.type) }),
        size,
      },
      {
        ofTenant,
        ofKind: Math.floor(ofTenant * SHARE[kind]),
        ofBringer: BRINGER_BYTES[kind],
        since: now - BRINGER_MS,
      },
    );
    if (outcome !== 'reserved') throw new FileError('too-many', FULL_RETRY_MS);
    return { putUrl: fileAddress(tenant, put, name), getUrl: fileAddress(tenant, file, name) };
  }

  async put(
    id: TenantId,
    token: string,
    bytes: AsyncIterable<Uint8Array>,
    size: number | undefined,
    type?: string,
  ): Promise<void> {
    const { store, clock, log } = this.#deps;
    const tenant = this.#deps.tenants.get(id);
    if (tenant === undefined || !takesFiles(tenant)) throw new FileError('not-found');
    const now = clock.now();
    const longest = uploadMs(this.rules(id)?.maxBytes ?? 0);
    const file = await store.claim(id, digest(token), now, now + longest);
    if (file === undefined) throw new FileError('not-found');
    try {
      this.#compare(file, size, type);
      await this.#take(file, bytes, now);
      const isWhole = await store.finish(file.number, clock.now() + tenant.config.files.keepDays * DAY_MS);
      if (!isWhole) throw new FileError('not-found');
    } catch (error) {
      // what cannot be taken away now goes with the sweep
      await store.remove(file.number).catch((cause: unknown) => {
        log.warn({ tenant: id, err: cause }, 'files: what came of an upload is still there');
      });
      throw error;
    }
  }

  async get(id: TenantId, given: string) {
    const { store, clock } = this.#deps;
    const tenant = this.#deps.tenants.get(id);
    const hash = digest(given);
    const file = await store.find(id, hash, clock.now());
    // who has no address any more gives none out
    if (file === undefined || tenant === undefined || !takesFiles(tenant)) throw new FileError('not-found');
    return {
      file: shared(file, fileAddress(tenant, given, file.name)),
      etag: hash.slice(0, 24),
      read: (from = 0, to = file.size) => this.#read(file, from, Math.min(to, file.size)),
    };
  }

  async at(id: TenantId, url: string): Promise<SharedFile | undefined> {
    const { store, clock } = this.#deps;
    const tenant = this.#deps.tenants.get(id);
    if (tenant === undefined || !takesFiles(tenant)) return undefined;
    const given = fileIdAt(tenant, url);
    if (given === undefined) return undefined;
    const file = await store.find(id, digest(given), clock.now());
    return file && shared(file, fileAddress(tenant, given, file.name));
  }

  async takeBack(id: TenantId, url: string, by: Bringer): Promise<void> {
    const { store, clock } = this.#deps;
    const tenant = this.#deps.tenants.get(id);
    const given = tenant && fileIdAt(tenant, url);
    const file = given === undefined ? undefined : await store.find(id, digest(given), clock.now());
    if (file !== undefined && file.kind === by.is && file.bringer === nameOf(by)) await store.remove(file.number);
  }

  close(): void {
    this.#sweep.close();
  }

  /** [XEP-0363 §6]: what is sent is what was asked for. */
  #compare(file: KeptFile, size: number | undefined, type: string | undefined): void {
    if (size !== undefined && size > file.size) throw new FileError('too-large');
    if (size !== undefined && size !== file.size) throw new FileError('bad-form');
    if (type === undefined || file.askedType === undefined || file.askedType === '') return;
    if (bareType(type) !== file.askedType) throw new FileError('wrong-type');
  }

  async #take(file: KeptFile, bytes: AsyncIterable<Uint8Array>, begun: number): Promise<void> {
    const { store, clock } = this.#deps;
    let length = 0;
    const inTime = async function* (): AsyncGenerator<Uint8Array> {
      let come = 0;
      for await (const chunk of bytes) {
        come += chunk.length;
        if (isTooSlow(come, clock.now() - begun)) throw new FileError('not-found');
        yield chunk;
      }
    };
    for await (const piece of inPieces(inTime(), PIECE_BYTES)) {
      if (length + piece.length > file.size) throw new FileError('too-large');
      if (length === 0 && !isLike(file.type as FileType, piece)) throw new FileError('wrong-type');
      if (!(await store.append(file.number, length, piece))) throw new FileError('not-found');
      length += piece.length;
    }
    if (length !== file.size) throw new FileError('bad-form');
  }

  async *#read(file: KeptFile, from: number, to: number): AsyncGenerator<Uint8Array> {
    for (let at = from; at < to;) {
      const piece = await this.#deps.store.piece(file.number, at);
      const bytes = piece?.bytes.subarray(at - piece.from, to - piece.from);
      if (bytes === undefined || bytes.length === 0) throw new FileError('not-found');
      at += bytes.length;
      yield bytes;
    }
  }
}

/** Apps take slots of https addresses alone [XEP-0363 §4]. */
function takesFiles({ config }: Tenant): boolean {
  return config.files.enabled && config.publicUrl !== undefined && new URL(config.publicUrl).protocol === 'https:';
}

/** The store keeps no address: who reads it can get no file by what is written there. */
function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function nameOf(by: Bringer): string {
  return by.is === 'staff' ? by.staff : by.chat;
}

function shared({ name, type, size }: KeptFile, url: string): SharedFile {
  return { name, type, size, url };
}
