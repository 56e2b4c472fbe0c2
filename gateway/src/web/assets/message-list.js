import { announcer } from './announcer.js';
import { Conversation } from './conversation.js';
import { el } from './dom.js';
import { itemParts, nameOf, times, withLinks, wordsOf } from './message-item.js';
import { dateLocale, texts } from './texts.js';

/** Lines of one person in so short a time stand together, under one name and over one time. */
const TOGETHER_MS = 3 * 60_000;

const days = new Intl.DateTimeFormat(dateLocale, { dateStyle: 'full' });

/** @typedef {import('./conversation.js').Entry} Entry */

/** The log of a chat: what was said, once each, then what is on its way. */
export class MessageList {
  #conversation = new Conversation();
  #list = el('ol', { class: 'messages' });
  /** Changes often and comes again as lines: not read out. */
  #pending = el('ol', { class: 'messages pending', 'aria-live': 'off' });
  /** Files on their way. */
  uploads = el('ol', { class: 'messages pending', 'aria-live': 'off' });
  #announcer = announcer();
  /** @type {Map<Entry, { item: HTMLElement, isFirst: boolean }>} */
  #items = new Map();
  /** @type {WeakMap<Element, Entry>} */
  #entryOf = new WeakMap();
  #isLive = false;
  #day = '';
  #sender = '';
  #saidAt = 0;
  /** @type {HTMLElement | undefined} */
  #seen;
  #seenUpTo = 0;

  /**
   * @param {object} deps
   * @param {(number: number) => void} deps.onShown a line of staff has come into sight
   * @param {(url: string) => boolean} deps.openPage
   */
  constructor(deps) {
    this.deps = deps;
    // what was said before this page was opened is not read out
    this.element = el(
      'div',
      { class: 'log', role: 'log', 'aria-label': texts.conversation, 'aria-live': 'off', tabindex: 0 },
      this.#list,
      this.#pending,
      this.uploads,
    );
    let wasAtEnd = true;
    this.element.addEventListener('scroll', () => {
      wasAtEnd = this.#isAtEnd;
    });
    // the field to write in grows, a keyboard opens, a picture comes: who read the last line still does
    const resized = new ResizeObserver(() => {
      if (wasAtEnd) this.scrollToEnd();
    });
    for (const part of [this.element, this.#list, this.uploads]) resized.observe(part);
    this.sight = new IntersectionObserver((seen) => {
      for (const { isIntersecting, target } of seen) {
        const entry = this.#entryOf.get(target);
        if (!isIntersecting || entry === undefined) continue;
        this.sight.unobserve(target);
        deps.onShown(entry.newest);
      }
    });
  }

  /** What screen readers are told of what changes; beside the log, which tells of what is new. */
  get announcements() {
    return this.#announcer.element;
  }

  get entries() {
    return this.#conversation.entries;
  }

  /** The entry that a line's number leads to. @param {number} number */
  find(number) {
    return this.#conversation.find(number);
  }

  /** From now on new lines are read out. */
  goLive() {
    this.#isLive = true;
    this.element.setAttribute('aria-live', 'polite');
  }

  /** @param {string} text */
  announce(text) {
    if (this.#isLive) this.#announcer.say(text);
  }

  get #isAtEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.element;
    return scrollHeight - scrollTop - clientHeight < 80;
  }

  scrollToEnd() {
    this.element.scrollTop = this.element.scrollHeight;
  }

  /** @param {readonly import('./connection.js').Line[]} lines */
  add(lines) {
    if (lines.length === 0) return;
    const follow = this.#isAtEnd;
    for (const line of lines) {
      const change = this.#conversation.add(line);
      if (change === undefined) continue;
      if (change.how === 'new') this.#append(change.entry);
      else this.#redraw(change);
    }
    this.#markSeen();
    if (follow) this.scrollToEnd();
  }

  /** The row of a file that was not sent gets its place among the lines. @param {HTMLElement} row */
  settle(row) {
    const { activeElement } = document;
    // its problem has been read out
    row.setAttribute('aria-live', 'off');
    row.classList.add('first');
    this.#list.append(row);
    this.#sender = '';
    if (activeElement instanceof HTMLElement && row.contains(activeElement))
      activeElement.focus({ preventScroll: true });
  }

  /** Staff have seen the visitor's lines up to this one. @param {number} number */
  showSeen(number) {
    if (number === this.#seenUpTo) return;
    this.#seenUpTo = number;
    const follow = this.#isAtEnd;
    this.#markSeen();
    if (follow) this.scrollToEnd();
  }

  /** @param {readonly import('./outbox.js').OutMessage[]} messages */
  showPending(messages) {
    const follow = this.#isAtEnd;
    this.#pending.replaceChildren(
      ...messages.map(({ text, at, state }) => {
        const note =
          state === 'failed' ? texts.messageFailed : state === 'waiting' ? texts.messageWaiting : texts.messageSending;
        return el(
          'li',
          { class: `message you ${state}` },
          el('span', { class: 'visually-hidden' }, `${texts.you}: `),
          el('p', { class: 'bubble' }, ...withLinks(text)),
          el('span', { class: 'meta' }, state === 'sent' ? times.format(at) : note),
        );
      }),
    );
    if (follow) this.scrollToEnd();
  }

  /** @param {number} at */
  #addDay(at) {
    const day = days.format(at);
    if (day === this.#day) return;
    const isFirstToday = this.#day === '' && day === days.format(Date.now());
    this.#day = day;
    this.#sender = '';
    if (!isFirstToday) this.#list.append(el('li', { class: 'day' }, el('span', {}, day)));
  }

  /** @param {Entry} entry */
  #append(entry) {
    const { at, from } = entry;
    this.#addDay(at);
    const sender = from.is === 'staff' ? `staff ${from.name}` : from.is;
    const isFirst = from.is !== 'notice' && (sender !== this.#sender || at - this.#saidAt > TOGETHER_MS);
    this.#sender = from.is === 'notice' ? '' : sender;
    this.#saidAt = at;
    const kind = from.is === 'notice' ? 'notice' : `message ${from.is}${isFirst ? ' first' : ''}`;
    const item = el('li', { class: kind, tabindex: -1 }, ...this.#parts(entry, isFirst));
    this.#items.set(entry, { item, isFirst });
    this.#list.append(item);
    this.#watch(entry, item);
  }

  /** @param {import('./conversation.js').Change} change */
  #redraw({ entry, how, by }) {
    const name = nameOf(by);
    if (how === 'removed') this.announce(texts.hasRemoved(name));
    else if (how === 'edited') this.announce(texts.hasEdited(name, wordsOf(entry)));
    else {
      const emoji = entry.reactions.get(by.is === 'staff' ? by.name : '');
      if (emoji !== undefined) this.announce(texts.hasReacted(name, emoji.join(' ')));
    }
    for (const one of [entry, ...this.#conversation.answersTo(entry)]) this.#draw(one);
  }

  /** @param {Entry} entry */
  #draw(entry) {
    const drawn = this.#items.get(entry);
    if (drawn === undefined) return;
    const { item, isFirst } = drawn;
    // told in a sentence; the whole line would be read again
    item.setAttribute('aria-live', 'off');
    const hadFocus = item.contains(document.activeElement) && item !== document.activeElement;
    item.replaceChildren(...this.#parts(entry, isFirst));
    if (this.#seen?.parentElement === null) this.#seen = undefined;
    if (hadFocus) item.focus({ preventScroll: true });
    this.#watch(entry, item);
  }

  /** @param {Entry} entry @param {boolean} isFirst */
  #parts(entry, isFirst) {
    return itemParts(entry, {
      isFirst,
      quoted: entry.answers === undefined ? undefined : this.#conversation.find(entry.answers),
      goTo: (quoted) => this.#goTo(quoted),
      openPage: this.deps.openPage,
    });
  }

  /** @param {Entry} entry @param {HTMLElement} item */
  #watch(entry, item) {
    if (entry.from.is !== 'staff') return;
    this.#entryOf.set(item, entry);
    this.sight.unobserve(item);
    this.sight.observe(item);
  }

  /** @param {Entry} entry */
  #goTo(entry) {
    const item = this.#items.get(entry)?.item;
    if (item === undefined) return;
    item.scrollIntoView({ block: 'center' });
    item.focus({ preventScroll: true });
    item.classList.add('pointed');
    item.addEventListener('blur', () => item.classList.remove('pointed'), { once: true });
  }

  /** Under the last of the visitor's lines that staff have seen. */
  #markSeen() {
    const last = this.entries.findLast(({ from, number }) => from.is === 'you' && number <= this.#seenUpTo);
    const item = last && this.#items.get(last)?.item;
    if (item === undefined || this.#seen?.parentElement === item) return;
    item.setAttribute('aria-live', 'off');
    this.#seen?.remove();
    this.#seen = el('span', { class: 'seen' }, texts.seen);
    item.append(this.#seen);
  }
}
