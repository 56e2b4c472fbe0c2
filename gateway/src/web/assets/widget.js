/**
 * Puts a chat button on a website: `<script src="https://gateway.example/widget.js" data-tenant="acme.example">`.
 * Everything it shows is inside a shadow root, so the website's styles and ours do not touch each other, and the chat
 * itself is the gateway's own page in a frame: the website reads nothing of it.
 */
(() => {
  const texts = {
    open: 'Open chat',
    close: 'Close chat',
    unread: (/** @type {number} */ count) => `Open chat (${count === 1 ? '1 new message' : `${count} new messages`})`,
    title: 'Chat',
    resize: 'Resize the chat: arrow keys, or drag',
  };
  const TAG = 'chat-gateway-widget';
  const SMALLEST = { width: 320, height: 400 };
  const STEP = 24;

  const script =
    document.currentScript instanceof HTMLScriptElement
      ? document.currentScript
      : document.querySelector('script[data-tenant][src*="/widget.js"]');
  if (!(script instanceof HTMLScriptElement) || document.querySelector(TAG) !== null) return;
  const tenant = script.dataset['tenant'] ?? '';
  const { origin } = new URL(script.src, location.href);
  const key = `chat-gateway:${tenant}`;

  const styles = `
    :host { all: initial; color-scheme: light dark; }
    * { box-sizing: border-box; }
    button { font: 600 16px/1 system-ui, sans-serif; cursor: pointer; touch-action: manipulation; }
    .launcher {
      position: fixed; inset-block-end: max(20px, env(safe-area-inset-bottom)); inset-inline-end: 20px; z-index: 2147483000;
      display: grid; place-items: center; width: 60px; height: 60px; padding: 0; border: 2px solid #fff; border-radius: 50%;
      background: #3a4fcf; color: #fff; box-shadow: 0 6px 24px rgb(20 28 50 / 30%);
    }
    .launcher:hover { background: #2c3fb3; }
    button:focus-visible { outline: 3px solid #fff; box-shadow: 0 0 0 6px #1c2230; }
    svg { width: 28px; height: 28px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
    .count {
      position: absolute; inset-block-start: -6px; inset-inline-end: -6px; min-width: 24px; height: 24px; padding: 0 6px;
      border: 2px solid #fff; border-radius: 12px; background: #b3261e; color: #fff; font: 700 13px/20px system-ui, sans-serif;
    }
    [hidden] { display: none !important; }
    .panel {
      position: fixed; inset-block-end: 96px; inset-inline-end: 20px; z-index: 2147483001;
      width: min(var(--width, 400px), 100vw - 40px); height: min(var(--height, 680px), 100dvh - 116px);
      min-width: 0; overflow: hidden; border-radius: 20px; background: Canvas;
      box-shadow: 0 0 0 1px rgb(20 28 50 / 14%), 0 20px 60px rgb(20 28 50 / 35%);
    }
    iframe { display: block; width: 100%; height: 100%; border: 0; color-scheme: light dark; }
    .grip {
      position: absolute; inset-block-start: 0; inset-inline-start: 0; width: 24px; height: 24px; padding: 0; border: 0;
      background: transparent; color: GrayText; cursor: nwse-resize; touch-action: none;
    }
    .grip svg { width: 12px; height: 12px; margin: 6px; }
    :host([dir='rtl']) .grip { cursor: nesw-resize; transform: scaleX(-1); }
    .dragging iframe { pointer-events: none; }
    @media (max-width: 480px), (max-height: 480px) {
      .panel { inset: 0; width: 100%; height: 100%; border-radius: 0; box-shadow: none; }
      .grip { display: none; }
      .panel:not([hidden]) ~ .launcher { display: none; }
    }
    @media print { .panel, .launcher { display: none; } }
  `;

  /** @param {string} path */
  const drawing = (path) => {
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    svg.setAttribute('viewBox', '0 0 24 24');
    svg.setAttribute('aria-hidden', 'true');
    const line = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    line.setAttribute('d', path);
    svg.append(line);
    return svg;
  };

  const host = document.createElement(TAG);
  host.dir = getComputedStyle(document.documentElement).direction;
  const root = host.attachShadow({ mode: 'open' });
  if ('adoptedStyleSheets' in root) {
    // a sheet that is made here is allowed by every style policy of a website
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(styles);
    root.adoptedStyleSheets = [sheet];
  } else {
    const style = document.createElement('style');
    style.textContent = styles;
    /** @type {ShadowRoot} */ (root).append(style);
  }

  const launcher = document.createElement('button');
  launcher.type = 'button';
  launcher.className = 'launcher';
  const count = document.createElement('span');
  count.className = 'count';
  count.hidden = true;
  const bubble = drawing('M5 4h14a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-7l-5 4v-4H5a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2Z');
  const cross = drawing('M6 9l6 6 6-6');
  launcher.append(bubble, cross, count);

  const panel = document.createElement('div');
  panel.className = 'panel';
  panel.id = 'panel';
  panel.hidden = true;
  panel.setAttribute('role', 'dialog');
  panel.setAttribute('aria-label', texts.title);
  launcher.setAttribute('aria-controls', panel.id);
  const grip = document.createElement('button');
  grip.type = 'button';
  grip.className = 'grip';
  grip.setAttribute('aria-label', texts.resize);
  grip.append(drawing('M2 22V2h20M9 22V9h13'));

  /** @type {HTMLIFrameElement | undefined} */
  let frame;
  let isOpen = false;
  let unread = 0;

  /** @param {object} message */
  const tell = (message) => frame?.contentWindow?.postMessage({ chatGateway: 1, ...message }, origin);
  const tellPage = () => {
    tell({ type: 'page', url: location.href, title: document.title, referrer: document.referrer, opens: true });
  };

  const load = () => {
    if (frame !== undefined) return;
    frame = document.createElement('iframe');
    frame.title = texts.title;
    frame.referrerPolicy = 'no-referrer';
    frame.src = `${origin}/?tenant=${encodeURIComponent(tenant)}`;
    panel.append(frame, grip);
  };

  const update = () => {
    panel.hidden = !isOpen;
    bubble.toggleAttribute('hidden', isOpen);
    cross.toggleAttribute('hidden', !isOpen);
    launcher.setAttribute('aria-expanded', String(isOpen));
    launcher.setAttribute('aria-label', isOpen ? texts.close : unread > 0 ? texts.unread(unread) : texts.open);
    count.hidden = isOpen || unread === 0;
    count.textContent = unread > 99 ? '99+' : String(unread);
  };

  /** @param {boolean} open */
  const toggle = (open) => {
    if (open === isOpen) return;
    isOpen = open;
    if (open) load();
    update();
    tell({ type: 'shown', shown: open });
    if (open) frame?.focus();
    else launcher.focus();
  };

  launcher.addEventListener('click', () => toggle(!isOpen));
  root.addEventListener('keydown', (event) => {
    if (event instanceof KeyboardEvent && event.key === 'Escape') toggle(false);
  });

  addEventListener('message', (event) => {
    const { data } = event;
    if (event.origin !== origin || event.source !== frame?.contentWindow || data?.chatGateway !== 1) return;
    if (data.type === 'ready') {
      tellPage();
      tell({ type: 'shown', shown: isOpen });
    } else if (data.type === 'unread' && Number.isSafeInteger(data.count)) {
      unread = data.count;
      update();
    } else if (data.type === 'close') toggle(false);
    else if (data.type === 'active') remember(data.active === true ? 'active' : '');
    else if (data.type === 'open') go(String(data.url));
  });

  /**
   * Whether there is a chat: the next page of the website then loads the frame at once, so that it goes on.
   * @param {'active' | 'open' | ''} state `open`: it is also shown there
   */
  const remember = (state) => {
    try {
      if (state === '') sessionStorage.removeItem(key);
      else sessionStorage.setItem(key, state);
    } catch {
      // a website without storage loads the chat when it is opened
    }
  };
  const remembered = () => {
    try {
      return sessionStorage.getItem(key) ?? '';
    } catch {
      return '';
    }
  };

  /** The visitor clicked, in the chat, on a page that staff asked to look at. @param {string} address */
  const go = (address) => {
    /** @type {URL} */
    let url;
    try {
      url = new URL(address);
    } catch {
      return;
    }
    if (url.protocol !== 'https:' && url.protocol !== 'http:') return;
    // on a small screen the chat would cover the page
    if (!matchMedia('(max-width: 480px), (max-height: 480px)').matches) remember('open');
    else toggle(false);
    location.assign(url.href);
  };

  // Size: dragged by the corner, or with the arrow keys on it.
  /** @param {number} width @param {number} height */
  const resize = (width, height) => {
    panel.style.setProperty('--width', `${Math.max(SMALLEST.width, Math.min(width, innerWidth - 40))}px`);
    panel.style.setProperty('--height', `${Math.max(SMALLEST.height, Math.min(height, innerHeight - 116))}px`);
  };
  grip.addEventListener('keydown', (event) => {
    const { width, height } = panel.getBoundingClientRect();
    const outward = host.dir === 'rtl' ? 'ArrowRight' : 'ArrowLeft';
    const inward = host.dir === 'rtl' ? 'ArrowLeft' : 'ArrowRight';
    const change = { [outward]: [STEP, 0], [inward]: [-STEP, 0], ArrowUp: [0, STEP], ArrowDown: [0, -STEP] }[event.key];
    if (change === undefined) return;
    event.preventDefault();
    resize(width + (change[0] ?? 0), height + (change[1] ?? 0));
  });
  grip.addEventListener('pointerdown', (down) => {
    const { width, height } = panel.getBoundingClientRect();
    const side = host.dir === 'rtl' ? 1 : -1;
    grip.setPointerCapture(down.pointerId);
    panel.classList.add('dragging');
    /** @param {PointerEvent} move */
    const drag = (move) => {
      resize(width + side * (move.clientX - down.clientX), height - (move.clientY - down.clientY));
    };
    grip.addEventListener('pointermove', drag);
    grip.addEventListener(
      'lostpointercapture',
      () => {
        grip.removeEventListener('pointermove', drag);
        panel.classList.remove('dragging');
      },
      { once: true },
    );
  });

  // The visitor goes on within a website that changes its page without loading one.
  addEventListener('popstate', tellPage);
  addEventListener('hashchange', tellPage);
  const { navigation } = /** @type {{ navigation?: EventTarget }} */ (/** @type {unknown} */ (window));
  navigation?.addEventListener('navigatesuccess', tellPage);

  update();
  root.append(panel, launcher);
  const place = () => {
    document.body.append(host);
    const state = remembered();
    if (state === 'open') {
      remember('active');
      toggle(true);
    } else if (state === 'active') load();
  };
  if (document.body === null) addEventListener('DOMContentLoaded', place, { once: true });
  else place();
})();
