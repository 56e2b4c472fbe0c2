import { el, icon } from './dom.js';
import { texts } from './texts.js';

const MOST_CHARACTERS = 4_000;
const COUNT_FROM = 3_600;
const STILL_TYPING_MS = 4_000;
const STOPPED_MS = 5_000;

/**
 * Where the visitor writes.
 * @param {{ send: (text: string) => void, typing: (on: boolean) => void, draft: string, keep: (draft: string) => void }} deps
 */
export function composer({ send, typing, draft, keep }) {
  const input = el('textarea', {
    class: 'compose',
    rows: 1,
    maxlength: MOST_CHARACTERS,
    'aria-label': texts.writeHere,
    placeholder: texts.writeHere,
    'aria-describedby': 'compose-hint',
    enterkeyhint: 'send',
    dir: 'auto',
  });
  input.value = draft;
  const left = el('p', { class: 'left', role: 'status' });
  const button = el('button', { type: 'submit', class: 'send', 'aria-label': texts.send }, icon('send'));
  // on a touch keyboard Enter begins a new line: the button is next to it
  const hasKeyboard = matchMedia('(pointer: fine)').matches;
  const hint = el(
    'p',
    { id: 'compose-hint', class: hasKeyboard ? 'hint' : 'visually-hidden' },
    hasKeyboard ? texts.writeHint : '',
  );

  let saidAt = Number.NEGATIVE_INFINITY;
  let isTyping = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let stop;
  const stopTyping = () => {
    clearTimeout(stop);
    if (isTyping) typing(false);
    isTyping = false;
    saidAt = Number.NEGATIVE_INFINITY;
  };
  const update = () => {
    button.toggleAttribute('data-empty', input.value.trim() === '');
    const rest = MOST_CHARACTERS - input.value.length;
    left.textContent = input.value.length >= COUNT_FROM ? texts.charactersLeft(rest) : '';
    // as high as its text, up to what the style sheet allows
    input.style.height = 'auto';
    input.style.height = `${input.scrollHeight + 2}px`;
  };

  input.addEventListener('input', () => {
    update();
    keep(input.value);
    if (input.value.trim() === '') {
      stopTyping();
      return;
    }
    const now = performance.now();
    if (now - saidAt >= STILL_TYPING_MS) {
      saidAt = now;
      isTyping = true;
      typing(true);
    }
    clearTimeout(stop);
    stop = setTimeout(stopTyping, STOPPED_MS);
  });
  input.addEventListener('keydown', (event) => {
    // an Enter that chooses a word of an input method is none
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || !hasKeyboard) return;
    event.preventDefault();
    form.requestSubmit();
  });

  const row = el('div', { class: 'compose-row' }, input, button);
  const form = el(
    'form',
    {
      class: 'composer',
      onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        const text = input.value.trim();
        if (text === '') return;
        // the line itself tells the staff that typing is over
        clearTimeout(stop);
        isTyping = false;
        saidAt = Number.NEGATIVE_INFINITY;
        input.value = '';
        keep('');
        update();
        send(text);
        input.focus();
      },
    },
    row,
    left,
    hint,
  );
  requestAnimationFrame(update);
  return {
    element: form,
    focus: () => input.focus(),
    stopTyping,
    /** Puts something beside the field to write in. @param {...HTMLElement} elements */
    addBefore(...elements) {
      row.prepend(...elements);
    },
  };
}
