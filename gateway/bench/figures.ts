/** Figures with their spread, as a table for people and as JSON for programs. */
import { cpus, totalmem } from 'node:os';

export interface Figure {
  /** Such as `1:1 messages per CPU-second`. */
  readonly what: string;
  /** The server, or the code, that was measured. */
  readonly of: string;
  readonly unit: string;
  /** One of each repetition. */
  readonly values: readonly number[];
}

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const high = sorted[middle] ?? Number.NaN;
  const low = sorted.length % 2 === 0 ? (sorted[middle - 1] ?? high) : high;
  return { median: (low + high) / 2, min: sorted[0] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN };
}

export function machine() {
  return {
    date: new Date().toISOString(),
    node: process.version,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
  };
}

/** Three figures are as exact as this gets. */
function short(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString('en');
  return value.toPrecision(3);
}

/** `against`: whose figure the last column divides by. */
export function table(figures: readonly Figure[], against: string): string {
  const rows = figures.map(({ what, of, unit, values }) => {
    const { median, min, max } = spread(values);
    const other = figures.find((one) => one.what === what && one.of === against);
    const ratio = other === undefined || other.of === of ? '' : `${short(median / spread(other.values).median)} ×`;
    return [what, of, short(median), unit, `${short(min)}–${short(max)}`, ratio];
  });
  const all = [['what', 'of', 'median', 'unit', 'min–max', `against ${against}`], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length))) ?? [];
  return all
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
