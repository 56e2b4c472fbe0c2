/**
 * What a file is: said by its sender, held against its name and its first bytes. Nothing is ever guessed from the
 * content, and no browser is allowed to.
 */
import type { FileType } from '../../../config/file-types.ts';
import { beginsLike, type Beginning } from './beginnings.ts';

interface Kind {
  /** The first one is put at the end of names that have none of them. */
  readonly extensions: readonly [string, ...string[]];
  readonly beginning: Beginning;
}

const KINDS: Readonly<Record<FileType, Kind>> = {
  'image/png': { extensions: ['png'], beginning: 'png' },
  'image/jpeg': { extensions: ['jpg', 'jpeg', 'jpe', 'jfif'], beginning: 'jpeg' },
  'image/gif': { extensions: ['gif'], beginning: 'gif' },
  'image/webp': { extensions: ['webp'], beginning: 'webp' },
  'image/avif': { extensions: ['avif'], beginning: 'avif' },
  'application/pdf': { extensions: ['pdf'], beginning: 'pdf' },
  'text/plain': { extensions: ['txt', 'text', 'log', 'md'], beginning: 'text' },
  'text/csv': { extensions: ['csv'], beginning: 'text' },
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': { extensions: ['docx'], beginning: 'zip' },
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': { extensions: ['xlsx'], beginning: 'zip' },
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': {
    extensions: ['pptx'],
    beginning: 'zip',
  },
  'application/vnd.oasis.opendocument.text': { extensions: ['odt'], beginning: 'zip' },
  'application/vnd.oasis.opendocument.spreadsheet': { extensions: ['ods'], beginning: 'zip' },
  'application/vnd.oasis.opendocument.presentation': { extensions: ['odp'], beginning: 'zip' },
  'application/msword': { extensions: ['doc'], beginning: 'compound' },
  'application/vnd.ms-excel': { extensions: ['xls'], beginning: 'compound' },
  'application/vnd.ms-powerpoint': { extensions: ['ppt'], beginning: 'compound' },
  'application/rtf': { extensions: ['rtf'], beginning: 'rtf' },
  'application/zip': { extensions: ['zip'], beginning: 'zip' },
  'audio/mpeg': { extensions: ['mp3'], beginning: 'mp3' },
  'audio/mp4': { extensions: ['m4a'], beginning: 'mp4' },
  'audio/ogg': { extensions: ['ogg', 'oga', 'opus'], beginning: 'ogg' },
  'audio/wav': { extensions: ['wav'], beginning: 'wav' },
  'audio/webm': { extensions: ['weba'], beginning: 'matroska' },
  'audio/flac': { extensions: ['flac'], beginning: 'flac' },
  'video/mp4': { extensions: ['mp4', 'm4v'], beginning: 'mp4' },
  'video/webm': { extensions: ['webm'], beginning: 'matroska' },
  'video/ogg': { extensions: ['ogv'], beginning: 'ogg' },
};

/** Other names for the same, as browsers and apps say them. */
const ALIASES: ReadonlyMap<string, FileType> = new Map([
  ['image/jpg', 'image/jpeg'],
  ['image/pjpeg', 'image/jpeg'],
  ['image/x-png', 'image/png'],
  ['application/x-pdf', 'application/pdf'],
  ['text/markdown', 'text/plain'],
  ['text/x-log', 'text/plain'],
  ['text/x-csv', 'text/csv'],
  ['application/csv', 'text/csv'],
  ['text/rtf', 'application/rtf'],
  ['application/x-zip', 'application/zip'],
  ['application/x-zip-compressed', 'application/zip'],
  ['application/x-ole-storage', 'application/msword'],
  ['application/ogg', 'audio/ogg'],
  ['audio/mp3', 'audio/mpeg'],
  ['audio/m4a', 'audio/mp4'],
  ['audio/x-m4a', 'audio/mp4'],
  ['audio/mp4a-latm', 'audio/mp4'],
  ['audio/opus', 'audio/ogg'],
  ['audio/x-opus+ogg', 'audio/ogg'],
  ['audio/x-vorbis+ogg', 'audio/ogg'],
  ['audio/wave', 'audio/wav'],
  ['audio/x-wav', 'audio/wav'],
  ['audio/vnd.wave', 'audio/wav'],
  ['audio/x-flac', 'audio/flac'],
  ['video/x-m4v', 'video/mp4'],
  ['video/x-matroska', 'video/webm'],
  ['video/x-theora+ogg', 'video/ogg'],
]);
/** These say nothing: the name has to. */
const UNSPECIFIC = new Set(['', 'application/octet-stream', 'binary/octet-stream', 'application/x-download']);

const types = Object.keys(KINDS) as FileType[];
const byExtension = new Map(types.flatMap((type) => KINDS[type].extensions.map((extension) => [extension, type])));

export function extensionsOf(type: FileType): Kind['extensions'] {
  return KINDS[type].extensions;
}

/** A media type without its parameters, in small letters. */
export function bareType(text: string): string {
  return (text.split(';', 1)[0] ?? '').trim().toLowerCase();
}

/** What follows the last dot, in small letters. */
export function extensionOf(name: string): string {
  return /\.([^.]*)$/u.exec(name)?.[1]?.toLowerCase() ?? '';
}

/**
 * The type of a file; `undefined`: none that is known here.
 *
 * | said | name | is |
 * |---|---|---|
 * | nothing, `application/octet-stream` | a known extension | what the extension says |
 * | a known type | an extension of another type that begins in the same way | what the extension says (a `.docx` said to be a zip) |
 * | a known type | any other | what is said; the name gets its extension |
 * | any other type | any | unknown |
 */
export function typeOf(said: string | undefined, name: string): FileType | undefined {
  const bare = bareType(said ?? '');
  const byName = byExtension.get(extensionOf(name));
  if (UNSPECIFIC.has(bare)) return byName;
  const known = ALIASES.get(bare) ?? types.find((type) => type === bare);
  if (known === undefined || byName === undefined) return known;
  return KINDS[byName].beginning === KINDS[known].beginning ? byName : known;
}

/** Do these first bytes belong to a file of this type? */
export function isLike(type: FileType, bytes: Uint8Array): boolean {
  return beginsLike(KINDS[type].beginning, bytes);
}
