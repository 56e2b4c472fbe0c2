/** The parts of docs/clients.md that are made: from what a run saw, and from the list of quirks. */
import { type PromiseName, promises, type RecordFile, tables } from '../support/record.ts';
import type { Quirk } from './quirks.ts';

const names = Object.keys(promises) as PromiseName[];
type TableName = keyof typeof tables;

/** The promises that a record says nothing about. */
export function missing(record: RecordFile): readonly PromiseName[] {
  return names.filter((name) => record.observations[name] === undefined);
}

/** Puts records and quirks into the document; a client without a record keeps what was seen of it before. */
export function clientsDocument(before: string, records: readonly RecordFile[], quirks: readonly Quirk[]): string {
  let text = before;
  for (const record of records) text = withBlock(text, `seen ${record.client}`, seenOf(record));
  for (const name of Object.keys(tables) as TableName[])
    text = withBlock(text, `table ${name}`, tableOf(name, blockOf(before, `table ${name}`), records));
  return withBlock(text, 'quirks', table(['', 'What apps do', 'Covered by'], quirks.map(quirkRow)));
}

const order = (client = ''): string => client.toLowerCase().replace('@', '');
const mark = (seen: boolean): string => (seen ? '✓' : '–');

function tableOf(name: TableName, before: string, records: readonly RecordFile[]): string {
  const columns = ['App', 'Version', 'Seen', ...tables[name].map((promise) => promises[promise].column)];
  const rows = new Map(rowsOf(before).map((row) => [row[0] ?? '', row]));
  for (const record of records) rows.set(record.client, rowOf(name, record));
  const sorted = [...rows.values()].toSorted((a, b) => order(a[0]).localeCompare(order(b[0]), 'en'));
  return [table(columns, sorted), legend(name)].join('\n\n');
}

function rowOf(name: TableName, { client, version, date, observations }: RecordFile): readonly string[] {
  return [client, version, date, ...tables[name].map((promise) => mark(observations[promise]?.seen === true))];
}

function seenOf({ version, date, observations }: RecordFile): string {
  const rows = names.map((name) => {
    const { seen = false, how = '' } = observations[name] ?? {};
    return [promises[name].column, mark(seen), how];
  });
  return `Version ${version}, ${date}:\n\n${table(['', '', 'How it is seen'], rows)}`;
}

function legend(name: TableName): string {
  return tables[name].map((promise) => `- _${promises[promise].column}_: ${promises[promise].means}`).join('\n');
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
