import type { Feature } from './feature.ts';

const cell = (text: string) => text.replaceAll('|', '\\|');

function link(spec: string): string {
  const [series, number, ...version] = spec.split(' ');
  const xep = /^XEP-(\d{4})$/u.exec(series ?? '')?.[1];
  if (xep !== undefined) return `[XEP-${xep}](https://xmpp.org/extensions/xep-${xep}.html) ${number ?? ''}`.trim();
  return [`[RFC ${number ?? ''}](https://www.rfc-editor.org/rfc/rfc${number ?? ''})`, ...version].join(' ');
}

/** XEPs after RFCs, each by number. */
function byNumber(a: Feature, b: Feature): number {
  const rank = ({ spec }: Feature) => (spec.startsWith('RFC') ? 0 : 1);
  return rank(a) - rank(b) || (a.spec < b.spec ? -1 : 1);
}

/** `docs/xeps.md`: what the features say of themselves. */
export function xepsDocument(features: readonly Feature[]): string {
  const rows = features
    .toSorted(byNumber)
    .map(({ name, spec, scope }) => `| ${link(spec)} | ${cell(name)} | ${cell(scope)} |`);
  return [
    '# What the gateway speaks',
    '',
    'Made by `npm run generate` from `gateway/src/features/catalogue.ts`. An extension that is not here is answered',
    'with `service-unavailable`.',
    '',
    '| Specification | Name | How much of it |',
    '| --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}
