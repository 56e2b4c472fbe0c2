import { el, icon } from './dom.js';
import { texts } from './texts.js';

/**
 * What is around every screen: whose page this is, what state it is in, what can be done.
 * @param {string} name
 * @param {(() => void) | undefined} close where the page is in a widget
 */
export function openShell(name, close) {
  const status = el('p', { class: 'status', role: 'status' });
  const actions = el('div', { class: 'actions' });
  const banners = el('div', { class: 'banners', role: 'status' });
  /** @type {Map<string, HTMLElement>} */
  const shown = new Map();
  const closeButton = el(
    'button',
    { type: 'button', class: 'quiet close', 'aria-label': texts.closeWindow, onclick: () => close?.() },
    icon('close'),
  );
  const screen = el('div', { class: 'screens' });
  const element = el(
    'div',
    { class: close === undefined ? 'app' : 'app framed' },
    el(
      'header',
      { class: 'bar' },
      el(
        'span',
        { class: 'avatar', 'aria-hidden': 'true' },
        String.fromCodePoint(name.trim().codePointAt(0) ?? 0x20).toUpperCase(),
      ),
      el('div', { class: 'who' }, el('h1', { dir: 'auto' }, name), status),
      actions,
      close === undefined ? undefined : closeButton,
    ),
    banners,
    screen,
  );

  return {
    element,
    /** @param {string} text @param {string} [phase] */
    status(text, phase = '') {
      // said again only when it has changed
      if (status.textContent !== text) {
        status.textContent = text;
        // there may be more names than fit
        status.title = text;
      }
      element.dataset['phase'] = phase;
    },
    /** @param {...HTMLElement} buttons */
    actions(...buttons) {
      actions.replaceChildren(...buttons);
    },
    /** Shows a note of this kind, or takes it away. @param {string} kind @param {string} text @param {number} [forMs] */
    banner(kind, text, forMs) {
      const old = shown.get(kind);
      if (old?.textContent === text) return;
      old?.remove();
      shown.delete(kind);
      if (text === '') return;
      const banner = el('p', { class: `banner ${kind}` }, text);
      shown.set(kind, banner);
      banners.append(banner);
      if (forMs !== undefined) {
        setTimeout(() => {
          if (shown.get(kind) !== banner) return;
          banner.remove();
          shown.delete(kind);
        }, forMs);
      }
    },
    /** @param {HTMLElement} next */
    show(next) {
      screen.replaceChildren(next);
    },
  };
}
