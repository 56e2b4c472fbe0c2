/** Where files are kept: a row for each, its bytes in pieces, so that no write or read is a long one. */
import type { TenantId } from '../../../helpdesk/model.ts';

/** Most of one piece, in bytes. */
export const PIECE_BYTES = 256 * 1024;

/** A file, or the place for one. */
export interface KeptFile {
  /** Never given to another file, also when this one is gone. */
  readonly number: number;
  readonly name: string;
  readonly type: string;
  /** The media type as it was asked for, in small letters and without parameters. */
  readonly askedType?: string;
  /** Bytes. */
  readonly size: number;
  readonly kind: 'staff' | 'visitor';
  readonly bringer: string;
}

export interface NewFile {
  /** Hexadecimal SHA-256 of what its address ends with. */
  readonly id: string;
  /** Of what the address for its upload ends with. */
  readonly put: string;
  /** Files of one kind share {@link Room.ofKind}, those of one bringer {@link Room.ofBringer}. */
  readonly kind: 'staff' | 'visitor';
  readonly bringer: string;
  readonly at: number;
  /** An upload begins before that. */
  readonly until: number;
  readonly name: string;
  readonly type: string;
  readonly askedType?: string;
  readonly size: number;
}

/** Bytes. */
export interface Room {
  /** Of all files of the tenant. */
  readonly ofTenant: number;
  /** Of all files of this kind. */
  readonly ofKind: number;
  /** Of this bringer's files that are there now, and came at `since` or later. */
  readonly ofBringer: number;
  readonly since: number;
}

export interface FileStore {
  /** Keeps a place, if there is room for it. */
  reserve(tenant: TenantId, file: NewFile, room: Room): Promise<'reserved' | 'tenant-full' | 'bringer-full'>;
  /** Begins the upload: once for each place, and for one whose time has not passed. It ends before `until`. */
  claim(tenant: TenantId, put: string, now: number, until: number): Promise<KeptFile | undefined>;
  /** Adds a piece, which begins at this byte; false: the file is gone. */
  append(file: number, from: number, bytes: Uint8Array): Promise<boolean>;
  /** The file is whole from now on, until `expires`; false: it is gone. */
  finish(file: number, expires: number): Promise<boolean>;
  /** A whole one, whose time has not passed. */
  find(tenant: TenantId, id: string, now: number): Promise<KeptFile | undefined>;
  /** The piece that this byte is in, and the byte that it begins with. */
  piece(file: number, at: number): Promise<{ readonly from: number; readonly bytes: Uint8Array } | undefined>;
  /** Takes a file away, whole or not: nobody gets it from now on, and its bytes go piece by piece. */
  remove(file: number): Promise<void>;
  /** Files, uploads and places whose time has passed, and what a crash left half removed. */
  expired(now: number, limit: number): Promise<readonly number[]>;
}
