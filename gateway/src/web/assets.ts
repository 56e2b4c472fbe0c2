import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

export interface Asset {
  readonly body: Buffer;
  readonly type: string;
  /** Strong, quoted. */
  readonly etag: string;
}

export interface Assets {
  /** Changes with any byte of any of them: the folder name under which they may be kept for good. */
  readonly build: string;
  readonly widget: Asset;
  /** By file name; a name that is none of them is `undefined`, whatever is in it. */
  find(name: string): Asset | undefined;
}

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
};
const WIDGET = 'widget.js';

/** Reads the browser's files once; requests never reach the disk. */
export function readAssets(folder: string = join(import.meta.dirname, 'assets')): Assets {
  const files = new Map<string, Asset>();
  const all = createHash('sha256');
  for (const name of readdirSync(folder).sort()) {
    const type = TYPES[extname(name)];
    if (type === undefined || name.includes('.test.')) continue;
    const body = readFileSync(join(folder, name));
    const digest = createHash('sha256').update(body).digest('base64url');
    all.update(`${name} ${digest}\n`);
    files.set(name, { body, type, etag: `"${digest.slice(0, 22)}"` });
  }
  const widget = files.get(WIDGET);
  if (widget === undefined) throw new Error(`${WIDGET} is missing`);
  return { build: all.digest('hex').slice(0, 16), widget, find: (name) => files.get(name) };
}
