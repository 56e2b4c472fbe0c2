/**
 * The page's side of the widget: a website that shows the page in a frame tells where its visitor is, and is told
 * what is new. Only websites of this helpdesk are listened to, and only the one that spoke is answered.
 */

/**
 * @param {string} pattern an origin, perhaps with `*.` before its host
 * @param {string} origin
 */
export function originMatches(pattern, origin) {
  const star = pattern.indexOf('//*.');
  if (star < 0) return pattern === origin;
  const scheme = pattern.slice(0, star + 2);
  const rest = pattern.slice(star + 3);
  return origin.startsWith(scheme) && origin.endsWith(rest) && origin.length > scheme.length + rest.length;
}

/**
 * @param {object} deps
 * @param {readonly string[]} deps.origins
 * @param {(page: { url: string, title: string, referrer: string }) => void} deps.onPage
 * @param {(shown: boolean) => void} deps.onShown
 */
export function openEmbedding({ origins, onPage, onShown }) {
  const isFramed = window.parent !== window;
  /** @type {string | undefined} */
  let website;
  let canOpen = false;

  const tell = (/** @type {object} */ message) => {
    if (website !== undefined) window.parent.postMessage({ chatGateway: 1, ...message }, website);
  };
  if (isFramed) {
    addEventListener('message', ({ source, origin, data }) => {
      if (source !== window.parent || data?.chatGateway !== 1) return;
      if (origin !== location.origin && !origins.some((pattern) => originMatches(pattern, origin))) return;
      website = origin;
      if (data.type === 'page') {
        canOpen = data.opens === true;
        onPage({ url: String(data.url), title: String(data.title), referrer: String(data.referrer) });
      }
      if (data.type === 'shown') onShown(data.shown === true);
    });
    // says nothing but that it is there: whose page this is in is not known yet
    window.parent.postMessage({ chatGateway: 1, type: 'ready' }, '*');
  }
  return {
    isFramed,
    tellUnread: (/** @type {number} */ count) => tell({ type: 'unread', count }),
    tellActive: (/** @type {boolean} */ active) => tell({ type: 'active', active }),
    /**
     * Asks the website to go to a page; called when the visitor has clicked on it, and for nothing else.
     * @param {string} url
     * @returns {boolean} false where there is no website, or one with an older widget
     */
    open(url) {
      if (website === undefined || !canOpen) return false;
      tell({ type: 'open', url });
      return true;
    },
    close: () => tell({ type: 'close' }),
  };
}
