/** The parts of docs/clients.md that are made: from what a run saw, and from the list of quirks. */
import { type PromiseName, promises, type RecordFile } from '../support/record.ts';
import type { Quirk } from './quirks.ts';

const names = Object.keys(promises) as PromiseName[];
const COLUMNS = ['App', 'Version', 'Seen', ...names.map((name) => promises[name].column)];

/** The promises that a record says nothing about. */
export function missing(record: RecordFile): readonly PromiseName[] {
  return names.filter((name) => record.observations[name] === undefined);
}

/** Puts records and quirks into the document; a client without a record keeps what was seen of it before. */
export function clientsDocument(before: string, records: readonly RecordFile[], quirks: readonly Quirk[]): string {
  const rows = new Map(rowsOf(blockOf(before, 'table')).map((row) => [row[0] ?? '', row]));
  let text = before;
  for (const record of records) {
    rows.set(record.client, rowOf(record));
    text = withBlock(text, `seen ${record.client}`, seenOf(record));
  }
  const sorted = [...rows.values()].toSorted((a, b) => order(a[0]).localeCompare(order(b[0]), 'en'));
  text = withBlock(text, 'table', [table(COLUMNS, sorted), legend()].join('\n\n'));
  return withBlock(text, 'quirks', table(['', 'What apps do', 'Covered by'], quirks.map(quirkRow)));
}

const order = (client = ''): string => client.toLowerCase().replace('@', '');
const mark = (seen: boolean): string => (seen ? '✓' : '–');

function rowOf({ client, version, date, observations }: RecordFile): readonly string[] {
  return [client, version, date, ...names.map((name) => mark(observations[name]?.seen === true))];
}

function seenOf({ version, date, observations }: RecordFile): string {
  const rows = names.map((name) => {
    const { seen = false, how = '' } = observations[name] ?? {};
    return [promises[name].column, mark(seen), how];
  });
  return `Version ${version}, ${date}:\n\n${table(['', '', 'How it is seen'], rows)}`;
}

function legend(): string {
  return names.map((name) => `- _${promises[name].column}_: ${promises[name].means}`).join('\n');
}

function quirkRow({ id, what, tests, why }: Quirk): readonly string[] {
  const files = tests.map(([file, name]) => `“${name}” in [${file.split('/').at(-1)}](../${file})`);
  return [id, what, [...files, ...(why === undefined ? [] : [why])].join('; ')];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function rowsOf(block: string): readonly (readonly string[])[] {
  const lines = block.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

function bounds(text: string, name: string): readonly [number, number] {
  const begin = text.indexOf(`<!-- ${name} -->`);
  const end = text.indexOf(`<!-- /${name} -->`);
  if (begin < 0 || end < begin) throw new Error(`docs/clients.md has no place "<!-- ${name} --><!-- /${name} -->"`);
  return [begin + `<!-- ${name} -->`.length, end];
}

function blockOf(text: string, name: string): string {
  return text.slice(...bounds(text, name));
}

function withBlock(text: string, name: string, content: string): string {
  const [begin, end] = bounds(text, name);
  return `${text.slice(0, begin)}\n\n${content}\n\n${text.slice(end)}`;
}
