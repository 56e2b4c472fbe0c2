import type { ChatId, SharedFile, StaffId, TenantId } from './model.ts';

/** What a tenant takes of files. */
export interface FileRules {
  /** Bytes of one file. */
  readonly maxBytes: number;
  /** Media types. */
  readonly types: readonly string[];
}

/** Who brings a file. */
export type Bringer =
  { readonly is: 'staff'; readonly staff: StaffId } | { readonly is: 'visitor'; readonly chat: ChatId };

/** A place for one file: what its bringer says of it is held against what comes. */
export interface UploadSlot {
  /** Unguessable; good for one upload, for some minutes. */
  readonly putUrl: string;
  readonly getUrl: string;
}

export type FileFault =
  /** files are off here, or there is no `https` address to give out */
  | 'off'
  | 'too-large'
  | 'wrong-type'
  /** an empty file, or not the bytes that the slot is for */
  | 'bad-form'
  /** too many, or too much, in a short time or altogether */
  | 'too-many'
  /** no such slot or file, or not any more */
  | 'not-found';

export class FileError extends Error {
  readonly fault: FileFault;
  /** For `too-many`, milliseconds. */
  readonly retryAfter: number | undefined;

  constructor(fault: FileFault, retryAfter?: number) {
    super(`file: ${fault}`);
    this.name = 'FileError';
    this.fault = fault;
    this.retryAfter = retryAfter;
  }
}

export interface StoredFile {
  readonly file: SharedFile;
  /** Of the whole content. */
  readonly etag: string;
  /** Bytes from `from` (inclusive) to `to` (exclusive). Fails when the file goes away meanwhile. */
  read(from?: number, to?: number): AsyncIterable<Uint8Array>;
}

/** Files of chats: slots are given to staff apps (XEP-0363) and to visitors' pages, bytes come and go by the web. */
export interface Files {
  /** `undefined`: this tenant takes no files, and nothing of them is announced. */
  rules(tenant: TenantId): FileRules | undefined;
  /** @throws FileError */
  slot(
    tenant: TenantId,
    by: Bringer,
    file: { readonly name: string; readonly size: number; readonly type?: string },
  ): Promise<UploadSlot>;
  /**
   * Takes the bytes for a slot, once. `size` and `type` are what the sender says of them now, if anything.
   * @throws FileError; nothing of the file is kept then
   */
  put(
    tenant: TenantId,
    token: string,
    bytes: AsyncIterable<Uint8Array>,
    size: number | undefined,
    type?: string,
  ): Promise<void>;
  /** @throws FileError `not-found` */
  get(tenant: TenantId, id: string): Promise<StoredFile>;
  /** The file that this address of the tenant's own leads to, once it is there. */
  at(tenant: TenantId, url: string): Promise<SharedFile | undefined>;
  /** The file at this address is gone at once, if that is who brought it. */
  takeBack(tenant: TenantId, url: string, by: Bringer): Promise<void>;
}
