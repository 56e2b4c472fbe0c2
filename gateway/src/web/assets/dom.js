/**
 * Makes an element. Text is only ever text: there is no way from a string to markup here.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | boolean | number | undefined | ((event: any) => void)>} [attributes] `on…` are listeners; `false` and `undefined` leave out
 * @param {...(Node | string | undefined)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== undefined) element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

const SVG = 'http://www.w3.org/2000/svg';

/** Drawn here: pictures from elsewhere would be requests. Each is one path in a 24 × 24 box. */
const ICONS = {
  send: 'M4 12 3 4l18 8-18 8 1-8Zm0 0h8',
  close: 'M6 6l12 12M18 6 6 18',
  end: 'M9 4H5v16h4M14 8l4 4-4 4M18 12H9',
  save: 'M12 4v11m0 0-4-4m4 4 4-4M5 20h14',
  print: 'M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7z',
  new: 'M12 5v14M5 12h14',
  clock: 'M12 7v5l3 2M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Z',
  mail: 'M4 6h16v12H4zM4 7l8 6 8-6',
  check: 'M5 13l4 4L19 7',
  clip: 'M20 11l-8.5 8.5a5 5 0 0 1-7-7L13 4a3.4 3.4 0 0 1 4.8 4.8l-8.4 8.4a1.7 1.7 0 0 1-2.4-2.4L14.5 7.5',
  file: 'M6 3h8l5 5v13H6zM14 3v5h5',
  out: 'M14 4h6v6M20 4l-9 9M18 14v6H4V6h6',
  again: 'M20 12a8 8 0 1 1-2.5-5.8M20 3v4h-4',
};

/**
 * @param {keyof typeof ICONS} name
 * @returns {SVGSVGElement}
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  for (const [key, value] of Object.entries({ viewBox: '0 0 24 24', 'aria-hidden': 'true', class: 'icon' })) {
    svg.setAttribute(key, value);
  }
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', ICONS[name]);
  svg.append(path);
  return svg;
}
