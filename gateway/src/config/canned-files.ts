/** Canned texts that the configuration names: a folder of text files, or one YAML file with a list. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { fileTrouble } from './certificate-files.ts';
import { type CannedText, cannedTextSchema, canonicalTextName, MOST_CANNED_TEXTS } from './schema.ts';
import type { Problem } from './problem.ts';

type Trouble = Pick<Problem, 'found' | 'accepted' | 'file'>;

export type CannedFiles = { readonly texts: readonly CannedText[] } | { readonly trouble: Trouble };

const ACCEPTED = 'a folder of .txt and .md files, or a YAML file with a list of names and texts';
/** Of one text file, in bytes: the longest text in any script, and white space round it. */
const LARGEST_TEXT = 32_768;
const LARGEST_LIST = 8_388_608;

const isText = (name: string) => /^[^.].*\.(?:txt|md)$/iu.test(name);

class FileProblem extends Error {
  readonly trouble: Trouble;

  constructor(found: string, accepted = ACCEPTED) {
    super(found);
    this.trouble = { found, accepted, file: true };
  }
}

async function textOf(file: string, largest: number): Promise<string> {
  const { size } = await stat(file);
  if (size > largest) throw new FileProblem(`${file}, which is too large`, `at most ${largest / 1_024} KiB`);
  const bytes = await readFile(file);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new FileProblem(`${file}, which is no UTF-8`, 'a text file in UTF-8');
  }
}

function checked(file: string, name: string, text: string): CannedText {
  const read = cannedTextSchema.safeParse({ name, text: text.trim() });
  if (read.success) return read.data;
  const isName = read.error.issues.some(({ path }) => path[0] === 'name');
  throw isName
    ? new FileProblem(`${file}, whose name is too long`, 'a name of 1 to 60 characters, which is that of the text')
    : new FileProblem(`${file}, which is empty or too long`, 'a text of 1 to 4000 characters');
}

async function folderTexts(folder: string, names: readonly string[]): Promise<readonly CannedText[]> {
  const files = names.filter(isText).sort();
  if (files.length > MOST_CANNED_TEXTS)
    throw new FileProblem(`${folder}, which has ${files.length} texts`, `at most ${MOST_CANNED_TEXTS}`);
  const texts: CannedText[] = [];
  for (const name of files) {
    const file = join(folder, name);
    texts.push(checked(file, parse(name).name, await textOf(file, LARGEST_TEXT)));
  }
  return texts;
}

async function listTexts(file: string): Promise<readonly CannedText[]> {
  const document = parseDocument(await textOf(file, LARGEST_LIST), { resolveKnownTags: false, stringKeys: true });
  const [error] = [...document.errors, ...document.warnings];
  if (error !== undefined) throw new FileProblem(`${file}, where ${error.message.split('\n')[0] ?? ''}`, 'YAML 1.2');
  const read = z
    .array(cannedTextSchema)
    .max(MOST_CANNED_TEXTS)
    .safeParse(valueOf(file, document) ?? []);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const where = issue?.path.length ? `, entry ${Number(issue.path[0]) + 1}` : '';
  throw new FileProblem(
    `${file}${where}, which is no name with a text`,
    'a list of entries with name (1 to 60 characters) and text (1 to 4000 characters)',
  );
}

function valueOf(file: string, document: ReturnType<typeof parseDocument>): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    // an alias without its anchor, or one that unfolds to a mountain
    if (!(error instanceof ReferenceError)) throw error;
    throw new FileProblem(`${file}, where an alias (*name) cannot be unfolded`, 'YAML 1.2');
  }
}

async function entriesOf(path: string): Promise<readonly string[] | undefined> {
  return (await stat(path)).isDirectory() ? readdir(path) : undefined;
}

/** The texts at a path of the configuration, which stands for `also` and them together. */
export async function readCannedFiles(path: string, also: readonly CannedText[]): Promise<CannedFiles> {
  try {
    const names = await entriesOf(path);
    const texts = names === undefined ? await listTexts(path) : await folderTexts(path, names);
    if (texts.length + also.length > MOST_CANNED_TEXTS)
      throw new FileProblem(`${path}, with which there are too many texts`, `at most ${MOST_CANNED_TEXTS}`);
    const seen = new Set(also.map(({ name }) => canonicalTextName(name)));
    for (const { name } of texts) {
      const key = canonicalTextName(name);
      if (seen.has(key))
        throw new FileProblem(
          `${path}, where “${name}” is the name of a second text`,
          'names that no other text of the tenant has (in capitals or not)',
        );
      seen.add(key);
    }
    return { texts };
  } catch (error) {
    if (error instanceof FileProblem) return { trouble: error.trouble };
    return { trouble: { found: fileTrouble(path, error), accepted: ACCEPTED, file: true } };
  }
}

/** Changes whenever what is read there may have changed, or who may read it. */
export async function cannedFilesState(path: string): Promise<string> {
  try {
    const names = await entriesOf(path);
    const files =
      names === undefined
        ? [path]
        : names
            .filter(isText)
            .sort()
            .map((name) => join(path, name));
    const states = await Promise.all(
      files.slice(0, MOST_CANNED_TEXTS + 1).map(async (file) => {
        const { mtimeMs, ctimeMs, size, ino } = await stat(file);
        return `${file} ${mtimeMs} ${ctimeMs} ${size} ${ino}`;
      }),
    );
    return states.join('\n');
  } catch {
    return 'missing';
  }
}
