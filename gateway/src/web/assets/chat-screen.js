import { composer } from './composer.js';
import { Connection } from './connection.js';
import { el, icon } from './dom.js';
import { endDialog } from './end-dialog.js';
import { fileSender } from './file-sender.js';
import { MessageList } from './message-list.js';
import { Outbox } from './outbox.js';
import { SeenReport } from './seen-report.js';
import { texts } from './texts.js';
import { saveAsFile, transcriptOf } from './transcript.js';
import { makeUuid } from './uuid.js';

/** How long a connection may be away before the visitor is told. */
const OFFLINE_SHOWN_MS = 2_500;
const SLOW_SHOWN_MS = 3_000;

const clock = {
  now: () => performance.now(),
  /** @param {number} ms @param {() => void} fire */
  after: (ms, fire) => {
    const timer = setTimeout(fire, ms);
    return () => clearTimeout(timer);
  },
};

/**
 * @typedef {object} ChatScreenDeps
 * @property {string} tenant
 * @property {string} helpdesk its name
 * @property {string} ticket
 * @property {import('./api.js').Call} call
 * @property {import('./storage.js').PageStorage} storage
 * @property {ReturnType<typeof import('./shell.js').openShell>} shell
 * @property {() => void} onGone the chat is not known (any more)
 * @property {(intro: string, why: 'waiting' | 'unanswered') => void} onLeaveMessage
 * @property {() => void} onNewChat
 * @property {() => void} onOver the chat has ended
 * @property {() => boolean} isLookedAt
 * @property {(url: string) => boolean} openPage true: the website that shows the chat goes there
 * @property {(lines: readonly import('./connection.js').Line[]) => void} onLines what came in, also what was there before
 */

/**
 * A chat: waiting, running, over.
 * @param {ChatScreenDeps} deps
 */
export function chatScreen(deps) {
  const { ticket, call, storage, shell } = deps;
  const report = new SeenReport({
    isLookedAt: deps.isLookedAt,
    tell: (line) => connection.seen(line),
    after: clock.after,
  });
  const list = new MessageList({ onShown: (line) => report.shown(line), openPage: deps.openPage });
  const typingRow = el('p', { class: 'typing' });
  const waitingNote = el(
    'div',
    { class: 'waiting-note', hidden: true },
    el('p', {}, texts.waitingHint),
    el(
      'button',
      { type: 'button', class: 'quiet', onclick: () => deps.onLeaveMessage(texts.messageIntroInstead, 'waiting') },
      icon('mail'),
      texts.leaveInstead,
    ),
  );
  const foot = el('div', { class: 'foot' });
  const element = el(
    'main',
    { class: 'screen chat-screen' },
    list.element,
    list.announcements,
    typingRow,
    waitingNote,
    foot,
  );

  let phase = '';
  let isFirstLoad = true;
  let wantsFocus = false;

  const outbox = new Outbox({
    storage,
    random: Math.random,
    send: (message) => call('say', { messageId: message.id, text: message.text }, ticket),
    wait: (ms, wake) =>
      new Promise((resolve) => {
        const cancel = clock.after(ms, () => resolve());
        wake(() => {
          cancel();
          resolve();
        });
      }),
    changed(why) {
      list.showPending(outbox.messages);
      if (why === 'too-fast') shell.banner('slow', texts.slowDown, SLOW_SHOWN_MS);
    },
  });

  /** @type {(() => void) | undefined} */
  let tellOffline;
  const connection = new Connection({
    ticket,
    clock,
    random: Math.random,
    openSocket() {
      const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
      return new WebSocket(`${scheme}//${location.host}/api/${encodeURIComponent(deps.tenant)}/socket`);
    },
    read: (body, signal) => call('read', body, ticket, signal),
    typing: (on) => call('typing', { on }, ticket),
    seen: (line) => call('seen', { line }, ticket),
    onFrame: take,
    onState(state) {
      if (state === 'gone') {
        stop();
        deps.onGone();
      } else if (state === 'offline') {
        tellOffline ??= clock.after(OFFLINE_SHOWN_MS, () => shell.banner('offline', texts.reconnecting));
      } else {
        tellOffline?.();
        if (tellOffline !== undefined) {
          outbox.hurry();
          report.look();
        }
        tellOffline = undefined;
        shell.banner('offline', '');
      }
    },
  });

  const compose = composer({
    draft: storage.get('draft') ?? '',
    keep(draft) {
      if (draft === '') storage.remove('draft');
      else storage.set('draft', draft);
    },
    typing: (on) => connection.typing(on),
    send(text) {
      files.settle();
      outbox.add(makeUuid(), text, Date.now());
      list.scrollToEnd();
    },
  });

  const files = fileSender({
    area: element,
    list,
    call,
    ticket,
    // the keyboard goes on where the visitor writes
    onSettled: () => compose.focus(),
  });
  compose.addBefore(files.button, files.input);

  /** @param {import('./connection.js').Frame} frame */
  function take({ view, typing }) {
    for (const { from } of view.lines) {
      if (from.is !== 'you') continue;
      outbox.shown(from.messageId);
      files.shown(from.messageId);
    }
    if (view.lines.length > 0) files.settle();
    list.add(view.lines);
    list.showSeen(view.seen ?? 0);
    list.showPending(outbox.messages);
    showTyping(view.phase.is === 'running' ? typing : []);
    deps.onLines(view.lines);
    showPhase(view);
    if (isFirstLoad && !view.more) {
      isFirstLoad = false;
      list.scrollToEnd();
      // after what is there already has been laid out
      requestAnimationFrame(() => list.goLive());
    }
  }

  /** @param {readonly string[]} names */
  function showTyping(names) {
    const text = names.length === 0 ? '' : texts.typing(names);
    if (typingRow.textContent === text) return;
    typingRow.replaceChildren(
      ...(text === '' ? [] : [el('span', { class: 'dots', 'aria-hidden': 'true' }), el('span', { dir: 'auto' }, text)]),
    );
  }

  /** @param {import('./connection.js').Frame['view']} view */
  function showPhase(view) {
    const names = view.with;
    shell.status(
      view.phase.is === 'waiting'
        ? texts.waitingFor(view.teamName)
        : view.phase.is === 'ended'
          ? texts.over
          : names.length === 0
            ? texts.chatRuns
            : texts.chattingWith(names),
      view.phase.is,
    );
    waitingNote.hidden = view.phase.is !== 'waiting';
    if (phase === view.phase.is) return;
    phase = view.phase.is;
    if (view.phase.is === 'ended') showEnd(view.phase.why);
    else if (compose.element.parentNode === null) {
      foot.replaceChildren(compose.element);
      void files.ask();
      shell.actions(endButton);
      if (wantsFocus) compose.focus();
    }
  }

  /** @param {string} why */
  function showEnd(why) {
    // what had the keyboard goes: the heading gets it
    dialog.close();
    const hadFocus = foot.contains(document.activeElement) || endButton === document.activeElement;
    outbox.close();
    files.close();
    storage.remove('draft');
    shell.actions();
    shell.banner('offline', '');
    const isUnanswered = why === 'unanswered';
    const reason = texts.overBy[/** @type {keyof typeof texts.overBy} */ (why)] ?? '';
    const title = el('h2', { tabindex: -1 }, texts.over);
    foot.replaceChildren(
      el(
        'section',
        { class: 'over', 'aria-label': texts.over },
        title,
        el('p', {}, reason),
        el(
          'div',
          { class: 'buttons' },
          isUnanswered
            ? el(
                'button',
                {
                  type: 'button',
                  class: 'primary',
                  onclick: () => deps.onLeaveMessage(texts.messageIntroUnanswered, 'unanswered'),
                },
                icon('mail'),
                texts.leaveMessage,
              )
            : undefined,
          el(
            'button',
            {
              type: 'button',
              onclick: () =>
                saveAsFile(
                  transcriptOf({ name: deps.helpdesk, entries: list.entries, find: (number) => list.find(number) }),
                ),
            },
            icon('save'),
            texts.saveTranscript,
          ),
          el('button', { type: 'button', onclick: () => print() }, icon('print'), texts.print),
          el('button', { type: 'button', onclick: deps.onNewChat }, icon('new'), texts.newChat),
        ),
      ),
    );
    list.scrollToEnd();
    if (hadFocus) title.focus();
    deps.onOver();
  }

  const dialog = endDialog(() => {
    compose.stopTyping();
    return call('end', {}, ticket);
  });
  const endButton = el(
    'button',
    {
      type: 'button',
      class: 'quiet',
      onclick: () => dialog.ask(),
    },
    icon('end'),
    el('span', {}, texts.endChat),
  );
  element.append(dialog.element);

  const hurry = () => {
    if (document.hidden) return;
    connection.hurry();
    outbox.hurry();
    report.look();
  };
  addEventListener('online', hurry);
  document.addEventListener('visibilitychange', hurry);

  function stop() {
    removeEventListener('online', hurry);
    document.removeEventListener('visibilitychange', hurry);
    tellOffline?.();
    connection.stop();
    files.stop();
    list.sight.disconnect();
    shell.banner('offline', '');
    shell.actions();
  }

  list.showPending(outbox.messages);
  void connection.run();
  outbox.run();

  return {
    element,
    /** Puts the keyboard into the field to write in, now or once there is one. */
    focus() {
      wantsFocus = true;
      compose.focus();
    },
    stop,
    ticket,
    isOver: () => phase === 'ended',
    /** What the visitor wrote, for a message in place of the chat. */
    words: () =>
      list.entries
        .filter(({ from, file }) => from.is === 'you' && file === undefined)
        .map(({ text }) => text)
        .join('\n')
        .slice(0, 4_000),
    /** The page is looked at again. */
    look: () => report.look(),
  };
}
