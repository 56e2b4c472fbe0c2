/** Writes docs/clients.md from what the last run saw; with --forget it removes what earlier runs have left. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { promises, readRecord, type RecordFile, RECORDS } from '../support/record.ts';
import { clientsDocument, missing } from './document.ts';
import { quirks } from './quirks.ts';

const document = join(import.meta.dirname, '..', '..', 'docs', 'clients.md');

function recordFiles(): readonly string[] {
  try {
    return readdirSync(RECORDS)
      .filter((name) => name.endsWith('.json'))
      .map((name) => join(RECORDS, name));
  } catch {
    return [];
  }
}

async function write(): Promise<void> {
  const whole: RecordFile[] = [];
  for (const record of recordFiles().flatMap((file) => readRecord(file) ?? [])) {
    const lacking = missing(record);
    if (lacking.length === 0) whole.push(record);
    else {
      console.error(
        `${record.client}: nothing is recorded of: ${lacking.map((name) => promises[name].means).join('; ')}`,
      );
      process.exitCode = 1;
    }
  }
  const text = clientsDocument(readFileSync(document, 'utf8'), whole, quirks);
  writeFileSync(document, await format(text, { ...(await resolveConfig(document)), filepath: document }));
  console.log(`docs/clients.md: ${whole.map(({ client }) => client).join(', ') || 'no client was recorded'}`);
}

if (process.argv.includes('--forget')) for (const file of recordFiles()) rmSync(file);
else await write();
