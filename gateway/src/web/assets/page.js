import { CallError, makeCaller } from './api.js';
import { chatScreen } from './chat-screen.js';
import { contactForm } from './contact-form.js';
import { el, icon } from './dom.js';
import { openEmbedding } from './embedding.js';
import { openShell } from './shell.js';
import { openStorage } from './storage.js';
import { texts } from './texts.js';
import { webUrl } from './web-url.js';

/** A start that got no answer is made again by the next page, but not days later. */
const START_AGAIN_MS = 10 * 60_000;
/** The end of a chat is shown again to who comes back this soon. */
const END_SHOWN_MS = 12 * 3_600_000;
const RETRIES = 3;
/** How old the form's knowledge of who can answer may be. */
const RECEPTION_MS = 10_000;
const MOST_URL = 2_048;
const MOST_TITLE = 300;

const { tenant = '', name: helpdesk = '', framingOrigins = '' } = document.body.dataset;
const storagePrefix = `chat-gateway:${tenant}:`;
const storage = openStorage(() => localStorage, storagePrefix);
const call = makeCaller(tenant, fetch.bind(window));

/** @typedef {import('./contact-form.js').Filled} Filled */
/**
 * A chat that is known over a reload and in every tab; `messageId` is that of the form that began it.
 * @typedef {{ ticket: string, name: string, email: string, team: string, messageId?: string }} KeptChat
 */

/** @type {{ url: string, title: string, referrer: string } | undefined} */
let website;
let isShown = true;
let unread = 0;
/** Number of the newest line of the chat. */
let newest = 0;
let wantsFocus = false;
/** @type {ReturnType<typeof chatScreen> | undefined} */
let chat;
/** What this tab last asked to start. @type {Filled | undefined} */
let asked;
/** Another one with each screen: who waited for an answer shows nothing over what has come meanwhile. */
let turn = {};

const embedding = openEmbedding({
  origins: framingOrigins.split(' ').filter((origin) => origin !== ''),
  onPage(page) {
    website = page;
    void tellPage();
    embedding.tellActive(readKept() !== undefined);
    embedding.tellUnread(unread);
  },
  onShown(shown) {
    isShown = shown;
    if (!shown) return;
    chat?.look();
    seen();
    focusScreen();
  },
});
if (embedding.isFramed) isShown = false;
const shell = openShell(helpdesk, embedding.isFramed ? embedding.close : undefined);

/** @returns {KeptChat | undefined} */
function readKept() {
  try {
    const kept = JSON.parse(storage.get('chat') ?? '');
    return typeof kept?.ticket === 'string' ? kept : undefined;
  } catch {
    return undefined;
  }
}

/** A chat that another tab of this visitor has begun. @param {string | undefined} own the ticket of the one shown here */
function otherChat(own) {
  const kept = readKept();
  return kept === undefined || kept.ticket === own ? undefined : kept;
}

/** @param {KeptChat} other @param {boolean} [byVisitor] */
function goOnWith(other, byVisitor = false) {
  if (other.ticket === chat?.ticket) return;
  const words = chat === undefined ? (shell.element.querySelector('textarea')?.value.trim() ?? '') : '';
  const isAsked = other.messageId === asked?.messageId && words === asked?.text;
  // what was to be the question is the next thing to say
  if (words !== '' && !isAsked && storage.get('draft') === undefined) storage.set('draft', words);
  newest = 0;
  unread = 0;
  showChat(other, byVisitor);
}

/** @param {string} url */
function fit(url) {
  return url.length <= MOST_URL && webUrl(url) !== undefined ? url : undefined;
}

/** What is known of the page that the visitor looks at: the website's, or this one. */
function pageFacts() {
  const from = website ?? { url: location.href, title: document.title, referrer: document.referrer };
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const facts = {
    url: fit(from.url),
    title: from.title.slice(0, MOST_TITLE),
    referrer: fit(from.referrer),
    language: /^[A-Za-z0-9-]{1,35}$/u.test(navigator.language) ? navigator.language : undefined,
    timeZone: /^[A-Za-z0-9_+/-]{1,64}$/u.test(timeZone ?? '') ? timeZone : undefined,
  };
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}

async function tellPage() {
  const kept = readKept();
  const page = pageFacts();
  if (kept === undefined || chat === undefined || storage.get('page') === page['url']) return;
  storage.set('page', String(page['url'] ?? ''));
  // the card of a visitor is a page behind when this fails: no harm
  await call('visit', { page }, kept.ticket).catch(() => {});
}

/** The visitor looks at the page: nothing on it is new any more. */
function seen() {
  unread = 0;
  if (newest > 0) storage.set('seen', String(newest));
  document.title = helpdesk;
  embedding.tellUnread(0);
}

/** Something that staff said; not what they only changed, took back or reacted to. @param {import('./connection.js').Line} line */
function isNews({ from, extra }) {
  return from.is === 'staff' && !['correction', 'retraction', 'reaction'].includes(extra?.is ?? '');
}

/** @param {readonly import('./connection.js').Line[]} lines */
function count(lines) {
  const last = lines.at(-1);
  if (last === undefined) return;
  newest = last.number;
  if (isShown && !document.hidden) {
    seen();
    return;
  }
  const known = Number(storage.get('seen') ?? 0);
  unread += lines.filter((line) => line.number > known && isNews(line)).length;
  document.title = unread === 0 ? helpdesk : texts.unread(unread, helpdesk);
  embedding.tellUnread(unread);
}

/** Puts the keyboard where the visitor goes on; not on a phone, where that would cover half of the screen. */
function focusScreen() {
  if (matchMedia('(pointer: coarse)').matches) return;
  const first = shell.element.querySelector('input, textarea');
  wantsFocus = chat === undefined && first === null;
  if (chat !== undefined) chat.focus();
  else if (first instanceof HTMLElement) first.focus();
}

/** @param {HTMLElement} screen @param {boolean} [byVisitor] what the visitor did leads here: the heading is read out */
function show(screen, byVisitor = false) {
  turn = {};
  chat?.stop();
  chat = undefined;
  shell.actions();
  showOver(screen, byVisitor);
}

/**
 * Shows something in place of a chat that goes on behind it.
 * @param {HTMLElement} screen @param {boolean} byVisitor
 */
function showOver(screen, byVisitor) {
  shell.show(screen);
  if (byVisitor) screen.querySelector('h2')?.focus();
  else if (wantsFocus) focusScreen();
}

/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Makes a call that is safe to make twice, again while that can help.
 * @param {() => Promise<any>} make
 */
async function persist(make) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await make();
    } catch (error) {
      const isWorth = error instanceof CallError && error.isSoft && !error.code.startsWith('too-many');
      if (!isWorth || attempt > RETRIES) throw error;
      await pause(Math.min((error.retryAfterMs ?? 0) * attempt, 5_000));
    }
  }
}

/** @param {Partial<Filled>} [initial] @param {boolean} [byVisitor] */
async function showStart(initial, byVisitor = false) {
  shell.status('');
  const mine = (turn = {});
  for (let attempt = 0; turn === mine; attempt++) {
    try {
      const reception = await call('reception', {});
      if (turn === mine) showForm(reception, { initial, byVisitor });
      return;
    } catch {
      if (turn !== mine) return;
      showOver(failureScreen(), false);
      await pause(Math.min(1_000 * 2 ** attempt, 15_000));
    }
  }
}

/**
 * @param {{ open: boolean, teams: import('./contact-form.js').Team[], form: import('./contact-form.js').Asked }} reception
 * @param {{ initial?: Partial<Filled> | undefined, byVisitor?: boolean, messageIntro?: string, back?: () => void, ticket?: string }} options
 */
function showForm({ open, teams, form: asked }, { initial, byVisitor = false, messageIntro, back, ticket }) {
  const form = contactForm({
    teams,
    form: asked,
    open: open && messageIntro === undefined,
    ...(messageIntro !== undefined && { messageIntro }),
    ...(initial !== undefined && { initial }),
    ...(back !== undefined && { back }),
    submit: async (filled, mode) => {
      if (mode === 'message') await leaveMessage(filled, ticket);
      else {
        try {
          await start(filled);
        } catch (error) {
          if (!(error instanceof CallError) || error.code !== 'closed') throw error;
          showForm(
            { open: false, teams, form: asked },
            { initial: filled, byVisitor: true, messageIntro: texts.messageIntroClosed },
          );
        }
      }
    },
  });
  if (back === undefined) show(form.element, byVisitor);
  else showOver(form.element, byVisitor);
  if (messageIntro === undefined) void keepReception(form);
}

/** While the form is looked at, staff come and go. @param {ReturnType<typeof contactForm>} form */
async function keepReception(form) {
  for (;;) {
    await pause(RECEPTION_MS);
    if (!form.element.isConnected) return;
    // without an answer the form stays as it was
    if (!document.hidden && isShown)
      await call('reception', {}).then(
        (now) => form.setReception(now),
        () => {},
      );
  }
}

/**
 * One chat for all tabs: a chat that another one has begun is gone on with. A start of another one that has no answer
 * (yet, or because that tab is gone) may have begun a chat: it is made again, which makes no second one.
 * @param {Filled} filled
 */
async function start(filled) {
  asked = filled;
  const other = otherChat(undefined);
  if (other !== undefined) {
    if (await isGoingOn(other)) return goOnWith(other, true);
    forgetChat();
  }
  const unanswered = unansweredStart();
  if (unanswered !== undefined && unanswered.messageId !== filled.messageId) {
    const begun = await begin(unanswered).catch((error) => {
      if (!(error instanceof CallError) || error.isSoft) throw error;
    });
    if (begun !== undefined && (await isGoingOn(begun))) return goOnWith(begun, true);
  }
  goOnWith(await begin(filled), true);
}

/** @returns {Filled | undefined} */
function unansweredStart() {
  try {
    const { filled, at } = JSON.parse(storage.get('start') ?? '');
    return typeof filled?.messageId === 'string' && Date.now() - at < START_AGAIN_MS ? filled : undefined;
  } catch {
    return undefined;
  }
}

/** @param {Filled} filled @returns {Promise<KeptChat>} */
async function begin(filled) {
  storage.set('start', JSON.stringify({ filled, at: Date.now() }));
  const { messageId, name, email, team, text, phone, fields } = filled;
  const form = {
    messageId,
    name,
    team,
    question: text,
    ...(email !== '' && { email }),
    ...(phone !== undefined && { phone }),
    ...(fields !== undefined && { fields }),
    page: pageFacts(),
  };
  try {
    const { ticket } = await persist(() => call('start', form));
    const kept = { ticket, name, email, team, messageId };
    storage.set('chat', JSON.stringify(kept));
    storage.set('page', String(form.page['url'] ?? ''));
    storage.remove('start');
    return kept;
  } catch (error) {
    // refused for good; without an answer it may have been started, and the next page asks again
    if (error instanceof CallError && !error.isSoft) storage.remove('start');
    throw error;
  }
}

/** Without an answer it counts as going on. @param {KeptChat} kept */
async function isGoingOn(kept) {
  return await call('read', { after: 0 }, kept.ticket).then(
    ({ view }) => view.phase.is !== 'ended',
    (error) => !(error instanceof CallError) || error.isSoft,
  );
}

/** @param {Filled} filled @param {string | undefined} ticket */
async function leaveMessage({ messageId, name, email, team, text }, ticket) {
  const form = { messageId, name, email, team, text };
  try {
    await persist(() => call('message', form, ticket));
  } catch (error) {
    if (ticket === undefined || !(error instanceof CallError) || !['not-found', 'ended'].includes(error.code))
      throw error;
    await persist(() => call('message', form));
  }
  if (otherChat(ticket) === undefined) forgetChat();
  shell.status('');
  shell.banner('answered', '');
  show(
    el(
      'main',
      { class: 'screen message-screen' },
      el('span', { class: 'badge' }, icon('check')),
      el('h2', { tabindex: -1 }, texts.messageSent),
      el('p', { dir: 'auto' }, texts.messageSentWhy(email)),
      el('button', { type: 'button', onclick: () => void showStart(undefined, true) }, texts.newChat),
    ),
    true,
  );
}

function forgetChat() {
  for (const key of ['chat', 'page', 'draft', 'seen', ...storage.keys('out:')]) storage.remove(key);
  embedding.tellActive(false);
  newest = 0;
  seen();
}

/** @param {KeptChat} kept @param {boolean} [byVisitor] */
function showChat(kept, byVisitor = false) {
  show(el('main', { class: 'screen' }));
  const known = { name: kept.name, email: kept.email, team: kept.team };
  const mine = chatScreen({
    tenant,
    helpdesk,
    call,
    storage,
    shell,
    ticket: kept.ticket,
    isLookedAt: () => isShown && !document.hidden && mine.element.isConnected,
    openPage: (url) => embedding.open(url),
    onLines(lines) {
      count(lines);
      const isAnswered = lines.some(isNews);
      if (isAnswered && !mine.element.isConnected) shell.banner('answered', texts.answeredMeanwhile);
    },
    onGone: () => beginAnew(false),
    onOver() {
      // what another tab has begun was no matter of this one's while its chat was not known to be over
      const other = otherChat(kept.ticket);
      if (other !== undefined) goOnWith(other);
    },
    onNewChat: () => beginAnew(true),
    onLeaveMessage(messageIntro, why) {
      const initial = { ...known, text: mine.words() };
      const back = why === 'waiting' ? { back: backToChat } : {};
      persist(() => call('reception', {})).then(
        (reception) => showForm(reception, { initial, byVisitor: true, messageIntro, ticket: kept.ticket, ...back }),
        () => shell.banner('failed', texts.offline, 5_000),
      );
    },
  });
  chat = mine;
  /** @param {boolean} byVisitor */
  function beginAnew(byVisitor) {
    const other = otherChat(kept.ticket);
    if (other !== undefined) return goOnWith(other, byVisitor);
    mine.stop();
    chat = undefined;
    forgetChat();
    void showStart(known, byVisitor);
  }
  function backToChat() {
    shell.banner('answered', '');
    shell.show(mine.element);
    mine.focus();
  }
  shell.show(mine.element);
  embedding.tellActive(true);
  if (website !== undefined) void tellPage();
  if (byVisitor) mine.focus();
  else if (wantsFocus) focusScreen();
}

function failureScreen() {
  return el(
    'main',
    { class: 'screen message-screen' },
    el('h2', { tabindex: -1 }, texts.notLoaded),
    el('p', { role: 'status' }, texts.notLoadedWhy),
  );
}

async function boot() {
  document.body.append(shell.element);
  show(el('main', { class: 'screen message-screen' }, el('p', { role: 'status' }, texts.loading)));
  const mine = turn;
  const kept = readKept();
  if (kept !== undefined) {
    // an old end is of no use to anybody
    const endedAt = await call('read', { after: 0 }, kept.ticket).then(
      ({ view }) => (view.phase.is === 'ended' ? view.phase.at : undefined),
      () => undefined,
    );
    if (turn !== mine) return;
    if (endedAt === undefined || Date.now() - endedAt < END_SHOWN_MS) {
      showChat(kept);
      return;
    }
    forgetChat();
  }
  const unanswered = unansweredStart();
  if (unanswered === undefined) storage.remove('start');
  else {
    try {
      await start(unanswered);
      return;
    } catch {
      // not answered again: the form it is, with what was asked
    }
  }
  if (turn === mine) await showStart(unanswered);
}

// a chat that began in another tab is this visitor's: it goes on here, too
addEventListener('storage', ({ key }) => {
  const isFree = chat === undefined || chat.isOver();
  const other = isFree && key === `${storagePrefix}chat` ? otherChat(chat?.ticket) : undefined;
  if (other !== undefined) goOnWith(other);
});
document.addEventListener('visibilitychange', () => {
  if (document.hidden || !isShown) return;
  chat?.look();
  seen();
});
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || event.defaultPrevented || document.querySelector('dialog[open]') !== null) return;
  embedding.close();
});
// soft keyboards of some browsers lie over the page: it ends above them
visualViewport?.addEventListener('resize', () => {
  document.documentElement.style.setProperty('--viewport', `${visualViewport?.height ?? innerHeight}px`);
});

void boot();
