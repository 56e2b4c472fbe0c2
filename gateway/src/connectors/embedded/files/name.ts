/** Names of files: what a sender calls one becomes a name that every system can keep and no eye takes for another. */
import type { FileType } from '../../../config/file-types.ts';
import { cleanLine, cut } from '../../../text/clean.ts';
import { withoutMarks } from '../../../text/mark.ts';
import { NAME_CHARACTERS } from './limits.ts';
import { extensionOf, extensionsOf } from './types.ts';

/** What Windows keeps no file with, and what separates folders. */
const UNKEPT = /[<>:"|?*\\/]/gu;
const DEVICES = /^(?:con|prn|aux|nul|com\d|lpt\d)$/iu;
const UNNAMED = 'file';

/**
 * A name without folders, which ends with an extension of the type: a program that is said to be a picture is called
 * `.png` wherever it is kept. What cannot be seen, or turns the direction of writing, is left out.
 */
export function fileName(given: string, type: FileType): string {
  const line = cleanLine(given.split(/[/\\]/u).at(-1) ?? '', 4 * NAME_CHARACTERS).normalize('NFC');
  const name = line.replace(UNKEPT, '_').replace(/[\s.]+$/u, '');
  const extension = extensionOf(name);
  const isOfType = extensionsOf(type).includes(extension);
  const kept = isOfType ? extension : extensionsOf(type)[0];
  const stem = begun(isOfType ? name.slice(0, -extension.length - 1) : name);
  const short = cut(stem, NAME_CHARACTERS - kept.length - 1).replace(/[\s.]+$/u, '');
  const whole = short === '' ? UNNAMED : DEVICES.test(short.split('.', 1)[0] ?? '') ? `_${short}` : short;
  return `${whole}.${kept}`;
}

/** Neither hidden, nor like a notice. */
function begun(name: string): string {
  const shown = withoutMarks(name.replace(/^[\s.]+/u, ''));
  return shown === name ? name : begun(shown);
}

/** For an address, and for RFC 5987: nothing stays that a program could take for the end of one. */
export function percentEncoded(name: string): string {
  return encodeURIComponent(name).replace(
    /[!'()*~]/gu,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
