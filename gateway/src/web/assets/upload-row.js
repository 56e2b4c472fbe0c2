import { el, icon } from './dom.js';
import { fileFacts } from './file-card.js';
import { oneLine } from './one-line.js';
import { texts } from './texts.js';

/**
 * A file on its way, as the visitor sees it. Kept while it is there, so that its buttons keep the keyboard.
 * @param {import('./uploads.js').Upload} upload
 * @param {{ cancel: () => void, retry: () => void, most: () => string }} acts
 */
export function uploadRow(upload, { cancel, retry, most }) {
  const name = oneLine(upload.file.name, 60);
  const facts = el('span', {}, ...fileFacts({ name, size: upload.file.size, type: upload.file.type }));
  const bar = el('progress', { max: 1, value: 0, 'aria-label': texts.uploadProgress(name) });
  const note = el('span', { class: 'meta' });
  const again = el('button', { type: 'button', class: 'quiet round', onclick: retry }, icon('again'));
  again.setAttribute('aria-label', texts.uploadAgain(name));
  const away = el('button', { type: 'button', class: 'quiet round', onclick: cancel }, icon('close'));
  const element = el(
    'li',
    { class: 'message you upload' },
    el('span', { class: 'visually-hidden' }, `${texts.you}: `),
    el('div', { class: 'bubble media' }, el('div', { class: 'file' }, icon('file'), facts, again, away), bar),
    note,
  );

  /** Why it was not sent; empty while it still can be. */
  const problemNow = () => {
    if (upload.state !== 'failed') return '';
    const problems = /** @type {Record<string, (most: string) => string>} */ (texts.uploadProblems);
    const why = Object.hasOwn(problems, upload.problem) ? problems[upload.problem] : problems['failed'];
    return texts.uploadFailed(name, why?.(most()) ?? '');
  };
  const update = () => {
    const { state, progress, canRetry } = upload;
    const isFailed = state === 'failed';
    element.classList.toggle('failed', isFailed);
    bar.hidden = isFailed;
    bar.value = state === 'sent' ? 1 : progress;
    again.hidden = !isFailed || !canRetry;
    away.hidden = state === 'sent';
    away.setAttribute('aria-label', isFailed ? texts.uploadDismiss(name) : texts.uploadCancel(name));
    const percent = Math.floor(bar.value * 100);
    note.textContent = problemNow() || (state === 'waiting' ? texts.uploadWaiting : texts.uploading(percent));
  };
  update();
  return { element, update, problem: problemNow };
}
