import { webUrl } from './web-url.js';

/**
 * The path of an address of this helpdesk's own: under this page's origin, or under the one that it is known by
 * outside. Whatever it names is asked of the server that this page came from; any other address is nothing of ours.
 * @param {string} url
 * @param {readonly string[]} origins
 * @returns {string | undefined}
 */
export function ownPath(url, origins) {
  const parsed = webUrl(url);
  if (parsed === undefined || parsed.username !== '' || parsed.password !== '') return undefined;
  return origins.includes(parsed.origin) ? parsed.pathname + parsed.search : undefined;
}

/** Under the page's own origin, and the one in the helpdesk's configuration. @param {string} url */
export function ownPathHere(url) {
  const known = webUrl(document.body.dataset['publicUrl'] ?? '');
  return ownPath(url, [location.origin, ...(known === undefined ? [] : [known.origin])]);
}
