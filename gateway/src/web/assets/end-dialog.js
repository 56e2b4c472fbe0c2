import { el } from './dom.js';
import { texts } from './texts.js';

/**
 * Asks whether the chat is to be ended.
 * @param {() => Promise<unknown>} end throws CallError
 */
export function endDialog(end) {
  const problem = el('p', { class: 'form-error', role: 'alert' });
  const confirm = el('button', { type: 'button', class: 'danger' }, texts.endConfirm);
  const element = el(
    'dialog',
    { 'aria-labelledby': 'end-question', 'aria-describedby': 'end-explained' },
    el('h2', { id: 'end-question' }, texts.endQuestion),
    el('p', { id: 'end-explained' }, texts.endExplained),
    problem,
    el(
      'div',
      { class: 'buttons' },
      el('button', { type: 'button', onclick: () => element.close() }, texts.endCancel),
      confirm,
    ),
  );
  confirm.addEventListener('click', () => {
    problem.textContent = '';
    end().then(
      () => element.close(),
      (error) => {
        if (error.code === 'ended' || error.code === 'not-found') element.close();
        else problem.textContent = texts.endNotYet;
      },
    );
  });
  return {
    element,
    ask() {
      problem.textContent = '';
      element.showModal();
    },
    close: () => element.close(),
  };
}
