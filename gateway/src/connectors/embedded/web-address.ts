/** Longest address of a page, in characters. */
export const MAX_WEB_ADDRESS = 2_000;

/**
 * The address of a page in its one form; what is no such address, or is too long, is none. Names and passwords in it
 * are left out: they are nobody's business.
 */
export function webAddress(text: string): string | undefined {
  const trimmed = text.trim();
  if (trimmed.length > MAX_WEB_ADDRESS) return undefined;
  const url = URL.parse(trimmed);
  if (url === null || !/^https?:$/u.test(url.protocol)) return undefined;
  url.username = '';
  url.password = '';
  return url.href.length > MAX_WEB_ADDRESS ? undefined : url.href;
}
