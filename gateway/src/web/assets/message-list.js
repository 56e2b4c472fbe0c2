import { el } from './dom.js';
import { splitLinks } from './links.js';
import { dateLocale, texts, timeLocale } from './texts.js';

/** Begins a line of the helpdesk's own; the page shows such lines in a form of their own. */
const MARK = /^▸\s*/u;

/** Lines of one person in so short a time stand together, under one name and over one time. */
const TOGETHER_MS = 3 * 60_000;

const times = new Intl.DateTimeFormat(timeLocale, { timeStyle: 'short' });
const days = new Intl.DateTimeFormat(dateLocale, { dateStyle: 'full' });

/**
 * @param {string} text
 * @returns {(Node | string)[]}
 */
function withLinks(text) {
  return splitLinks(text).map((part) =>
    part.href === undefined
      ? part.text
      : el('a', { href: part.href, target: '_blank', rel: 'noopener noreferrer nofollow' }, part.text),
  );
}

/** The log of a chat: what was said, once each, then what is on its way. */
export class MessageList {
  /** Lines by their order; asked for by number, so none comes twice. @type {import('./connection.js').Line[]} */
  lines = [];
  #list = el('ol', { class: 'messages' });
  /** Changes often and comes again as lines: not read out. */
  #pending = el('ol', { class: 'messages pending', 'aria-live': 'off' });
  #day = '';
  #sender = '';
  #saidAt = 0;

  constructor() {
    // what was said before this page was opened is not read out
    this.element = el(
      'div',
      { class: 'log', role: 'log', 'aria-label': texts.conversation, 'aria-live': 'off', tabindex: 0 },
      this.#list,
      this.#pending,
    );
    let wasAtEnd = true;
    this.element.addEventListener('scroll', () => {
      wasAtEnd = this.#isAtEnd;
    });
    // the field to write in grows, a keyboard opens: who read the last line still does
    new ResizeObserver(() => {
      if (wasAtEnd) this.scrollToEnd();
    }).observe(this.element);
  }

  /** From now on new lines are read out. */
  goLive() {
    this.element.setAttribute('aria-live', 'polite');
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
      this.lines.push(line);
      this.#addDay(line.at);
      this.#list.append(this.#item(line));
    }
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

  /** @param {import('./connection.js').Line} line */
  #item({ at, from, text }) {
    const time = el('time', { class: 'meta', datetime: new Date(at).toISOString() }, times.format(at));
    if (from.is === 'notice') {
      this.#sender = '';
      return el('li', { class: 'notice' }, el('p', {}, text.replace(MARK, '')), time);
    }
    const name = from.is === 'you' ? texts.you : from.name;
    const sender = `${from.is} ${name}`;
    const isFirst = sender !== this.#sender || at - this.#saidAt > TOGETHER_MS;
    this.#sender = sender;
    this.#saidAt = at;
    const isNamed = isFirst && from.is === 'staff';
    return el(
      'li',
      { class: `message ${from.is}${isFirst ? ' first' : ''}` },
      el('span', { class: isNamed ? 'sender' : 'visually-hidden', dir: 'auto' }, isNamed ? name : `${name}: `),
      el('p', { class: 'bubble' }, ...withLinks(text)),
      time,
    );
  }
}
