import { el, icon } from './dom.js';
import { oneLine } from './one-line.js';
import { ownPathHere } from './own-address.js';
import { texts } from './texts.js';

/** Pictures that browsers draw and that run nothing. */
const PICTURES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif']);

/** @param {string} type */
export function kindOf(type) {
  const [family = '', form = ''] = type.toLowerCase().split('/');
  if (form === 'pdf') return 'PDF';
  if (/zip|compressed|x-tar|x-7z|gzip/u.test(form)) return texts.kinds.archive;
  if (/word|opendocument\.text|rtf/u.test(form)) return texts.kinds.document;
  if (/excel|spreadsheet/u.test(form)) return texts.kinds.spreadsheet;
  if (/powerpoint|presentation/u.test(form)) return texts.kinds.presentation;
  const kinds = /** @type {Record<string, string>} */ (texts.kinds);
  return Object.hasOwn(kinds, family) ? kinds[family] : texts.kinds.file;
}

/**
 * What is said of a file beside its link.
 * @param {{ name: string, size: number, type: string }} file
 * @param {string} [state]
 */
export function fileFacts({ name, size, type }, state) {
  return [
    el('span', { class: 'file-name', dir: 'auto' }, oneLine(name, 120)),
    el('span', { class: 'file-facts' }, state ?? `${kindOf(type)}, ${texts.size(size)}`),
  ];
}

/**
 * A file as the conversation shows it: a small picture, or its name, kind and size. Pictures come from this
 * helpdesk's own address or not at all.
 * @param {import('./connection.js').SharedFile} file
 * @returns {HTMLElement}
 */
export function fileCard(file) {
  const path = ownPathHere(file.url);
  if (path === undefined) return el('span', { class: 'file' }, icon('file'), el('span', {}, ...fileFacts(file)));
  const target = { href: path, target: '_blank', rel: 'noopener noreferrer' };
  const chip = () => el('a', { ...target, class: 'file' }, icon('file'), el('span', {}, ...fileFacts(file)));
  if (!PICTURES.has(file.type)) return chip();
  const picture = el('img', {
    src: path,
    alt: texts.picture(oneLine(file.name, 120)),
    loading: 'lazy',
    decoding: 'async',
    referrerpolicy: 'no-referrer',
  });
  const link = el('a', { ...target, class: 'picture', title: oneLine(file.name, 120) }, picture);
  // kept for some time only, or broken: its name is left
  picture.addEventListener('error', () => link.replaceWith(chip()));
  return link;
}
