import { el, icon } from './dom.js';
import { texts } from './texts.js';
import { webUrl } from './web-url.js';

/**
 * A page that staff ask the visitor to look at. It is opened by the visitor's click and by nothing else.
 * @param {string} text its address
 * @param {string} name who asks
 * @param {(url: string) => boolean} open true: the website that shows the chat goes there
 * @returns {HTMLElement}
 */
export function pushCard(text, name, open) {
  const url = webUrl(text.trim());
  // an address with a name in it pretends to be another one
  if (url === undefined || url.username !== '' || url.password !== '') return el('p', { class: 'bubble' }, text);
  const link = el(
    'a',
    { href: url.href, target: '_blank', rel: 'noopener noreferrer', class: 'button primary' },
    texts.openPage,
    icon('out'),
  );
  link.addEventListener('click', (event) => {
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (open(url.href)) event.preventDefault();
  });
  return el(
    'div',
    { class: 'bubble push' },
    el('p', { class: 'push-title', dir: 'auto' }, texts.pageFrom(name)),
    // as the browser understands it: letters that only look alike are seen as what they are
    el(
      'p',
      { class: 'push-address', dir: 'ltr' },
      `${url.protocol}//`,
      el('b', {}, url.host),
      url.href.slice(url.origin.length),
    ),
    link,
  );
}
