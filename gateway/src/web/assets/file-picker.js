import { el, icon } from './dom.js';
import { texts } from './texts.js';

/**
 * The ways by which files come into the page: a button, being dropped on it, being pasted.
 * @param {object} deps
 * @param {HTMLElement} deps.area where files can be dropped
 * @param {() => boolean} deps.isOn
 * @param {(files: File[]) => void} deps.onFiles
 */
export function filePicker({ area, isOn, onFiles }) {
  const input = el('input', { type: 'file', multiple: true, hidden: true, 'aria-label': texts.attach });
  input.addEventListener('change', () => {
    const files = [...(input.files ?? [])];
    // the same file can be chosen again
    input.value = '';
    onFiles(files);
  });
  const button = el(
    'button',
    {
      type: 'button',
      class: 'quiet round attach',
      'aria-label': texts.attach,
      hidden: true,
      onclick: () => input.click(),
    },
    icon('clip'),
  );
  const here = el('div', { class: 'drop-here', 'aria-hidden': 'true', hidden: true }, icon('clip'), texts.dropHere);
  area.append(here);

  /** @param {DragEvent} event */
  const hasFiles = ({ dataTransfer }) => dataTransfer?.types.includes('Files') === true;
  /** How many elements under the pointer are inside each other. */
  let depth = 0;
  const show = (/** @type {number} */ now) => {
    depth = Math.max(0, now);
    here.hidden = depth === 0 || !isOn();
  };
  /** @type {Record<string, (event: DragEvent) => void>} */
  const drags = {
    dragenter: () => show(depth + 1),
    dragleave: () => show(depth - 1),
    dragover(event) {
      if (event.dataTransfer !== null) event.dataTransfer.dropEffect = isOn() ? 'copy' : 'none';
    },
    drop(event) {
      show(0);
      if (isOn()) onFiles([...(event.dataTransfer?.files ?? [])]);
    },
  };
  const listeners = Object.entries(drags).map(([name, act]) => {
    const listener = (/** @type {Event} */ event) => {
      if (!(event instanceof DragEvent) || !hasFiles(event)) return;
      // without this the browser leaves the chat and shows the file
      event.preventDefault();
      act(event);
    };
    document.addEventListener(name, listener);
    return { name, listener };
  });

  area.addEventListener('paste', (event) => {
    const { clipboardData } = event;
    const files = [...(clipboardData?.files ?? [])];
    // a text that brings its picture along is pasted as text
    if (files.length === 0 || !isOn() || clipboardData?.types.includes('text/plain') === true) return;
    event.preventDefault();
    onFiles(files);
  });

  return {
    button,
    input,
    /** Shows the button where files may be sent. @param {readonly string[] | undefined} types */
    offer(types) {
      button.hidden = types === undefined;
      if (types !== undefined) input.accept = types.join(',');
    },
    stop() {
      for (const { name, listener } of listeners) document.removeEventListener(name, listener);
    },
  };
}
