import { WEB_ADDRESS_CHARACTERS } from '../limits.ts';

/**
 * The address of a page in its one form; what is no such address, or is too long, is none. Names and passwords in it
 * are left out: they are nobody's business.
 */
export function webAddress(text: string): string | undefined {
  const trimmed = text.trim();
  if (trimmed.length > WEB_ADDRESS_CHARACTERS) return undefined;
  const url = URL.parse(trimmed);
  if (url === null || !/^https?:$/u.test(url.protocol)) return undefined;
  url.username = '';
  url.password = '';
  return url.href.length > WEB_ADDRESS_CHARACTERS ? undefined : url.href;
}
