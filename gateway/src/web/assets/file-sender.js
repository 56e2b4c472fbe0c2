import { CallError } from './api.js';
import { filePicker } from './file-picker.js';
import { putFile } from './put-file.js';
import { texts } from './texts.js';
import { uploadRow } from './upload-row.js';
import { Uploads, typeOf } from './uploads.js';
import { makeUuid } from './uuid.js';

const ASK_AGAIN_MS = 10_000;
const TRIES = 5;

/**
 * Files that the visitor sends: from the ways in which they come to the rows that show how far they are.
 * @param {object} deps
 * @param {HTMLElement} deps.area
 * @param {import('./message-list.js').MessageList} deps.list
 * @param {import('./api.js').Call} deps.call
 * @param {string} deps.ticket
 * @param {() => void} deps.onSettled a button that had the keyboard is gone
 */
export function fileSender({ area, list, call, ticket, onSettled }) {
  /** @type {Map<string, ReturnType<typeof uploadRow>>} */
  const rows = new Map();
  /** What was read out of each. @type {WeakMap<import('./uploads.js').Upload, string>} */
  const told = new WeakMap();
  let most = '';
  let isStopped = false;

  const uploads = new Uploads({
    makeId: makeUuid,
    slot: (file) => call('slot', file, ticket),
    async put(url, upload, progress, signal) {
      // a slot is of the server that this page came from, whatever name that has outside
      const { pathname, search } = new URL(url);
      await readable(upload.file);
      await putFile(
        pathname + search,
        upload.file,
        typeOf(upload.file) || 'application/octet-stream',
        progress,
        signal,
      );
    },
    share: (messageId, url) => call('share', { messageId, url }, ticket),
    wait: (ms, signal) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, ms);
        signal.addEventListener('abort', () => {
          clearTimeout(timer);
          resolve();
        });
      }),
    changed,
  });

  /** What this helpdesk takes; nothing: no files. @param {import('./uploads.js').FileRules | undefined} rules */
  function setRules(rules) {
    most = texts.size(rules?.maxBytes ?? 0);
    uploads.setRules(rules);
    picker.offer(rules?.types);
  }

  /** @param {import('./uploads.js').Upload} upload */
  function changed(upload) {
    // they were switched off while the page was open
    if (upload.problem === 'files-off' && uploads.isOn) setRules(undefined);
    const known = rows.get(upload.id);
    if (!uploads.all.includes(upload)) {
      if (known === undefined) return;
      const hadFocus = known.element.contains(document.activeElement);
      known.element.remove();
      rows.delete(upload.id);
      if (hadFocus) onSettled();
      return;
    }
    const row =
      known ??
      uploadRow(upload, {
        cancel: () => uploads.cancel(upload.id),
        retry: () => uploads.retry(upload.id),
        most: () => most,
      });
    rows.set(upload.id, row);
    row.update();
    if (row.element.parentNode !== list.uploads && upload.state !== 'failed') list.uploads.append(row.element);
    if (known === undefined) {
      list.uploads.append(row.element);
      list.scrollToEnd();
    }
    const problem = row.problem();
    if (problem !== '' && problem !== told.get(upload)) list.announce(problem);
    told.set(upload, problem);
  }

  const picker = filePicker({
    area,
    isOn: () => uploads.isOn,
    onFiles: (files) => uploads.add(files),
  });

  return {
    button: picker.button,
    input: picker.input,
    /** Learns whether this helpdesk takes files, and which. */
    async ask() {
      for (let tries = 1; tries <= TRIES && !isStopped; tries++) {
        try {
          const { files } = await call('reception', {});
          if (isStopped) return;
          setRules(files);
          return;
        } catch {
          await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS * tries));
        }
      }
    },
    /** The line of a file has come back. @param {string} id */
    shown: (id) => uploads.shown(id),
    /** Something is said: what was not sent stays above it. */
    settle() {
      for (const { id, state } of uploads.all) {
        const row = rows.get(id)?.element;
        if (state === 'failed' && row?.parentNode === list.uploads) list.settle(row);
      }
    },
    close() {
      isStopped = true;
      uploads.close();
      picker.offer(undefined);
    },
    stop() {
      isStopped = true;
      uploads.close();
      picker.stop();
    },
  };
}

/** A folder, or a file that was taken away, is told as that and not as a lost connection. @param {Blob} file */
async function readable(file) {
  try {
    await file.slice(0, 1).arrayBuffer();
  } catch {
    throw new CallError('unreadable');
  }
}
