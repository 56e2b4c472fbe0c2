/**
 * An address of the web (http, https), or nothing. Older browsers know no `URL.parse`.
 * @param {string} text
 * @returns {URL | undefined}
 */
export function webUrl(text) {
  try {
    const url = new URL(text);
    return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined;
  } catch {
    return undefined;
  }
}
