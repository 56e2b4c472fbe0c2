/** Something in the configuration that cannot be used: where it is, what is there, and what may be there. */
export interface Problem {
  /** As in `tenants[0].domain`; empty for the file as a whole. */
  readonly path: string;
  /** Line and column, from 1. */
  readonly at?: { readonly line: number; readonly column: number };
  /** Secrets are not shown. */
  readonly found: string;
  readonly accepted: string;
  /** The text is right, and a file that it names is not. */
  readonly file?: true;
}

/** Every problem of a configuration at once. */
export class ConfigError extends Error {
  readonly source: string;
  readonly problems: readonly Problem[];
  /** Files and folders that it names, where those were looked at: another content of them may be right. */
  readonly names: readonly string[];

  constructor(source: string, problems: readonly Problem[], names: readonly string[] = []) {
    super(`${source}: ${problems.length === 1 ? 'one problem' : `${problems.length} problems`}`);
    this.name = 'ConfigError';
    this.source = source;
    this.problems = problems;
    this.names = names;
  }

  /** True when a file that the configuration names is the only trouble. */
  get onlyFiles(): boolean {
    return this.problems.every((problem) => problem.file === true);
  }
}

export type Path = readonly (string | number)[];

export function writtenPath(path: Path): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : /^[\w-]+$/u.test(step) ? `.${step}` : `["${step}"]`))
    .join('')
    .replace(/^\./u, '');
}

/** One line: for logs, and for a file that cannot be read. */
export function problemLine({ path, found, accepted }: Problem): string {
  return `${path === '' ? '' : `${path}: `}${found}; accepted: ${accepted}`;
}

/** A paragraph per problem, for a person who edits the file. */
export function problemReport(source: string, problems: readonly Problem[]): string {
  return problems
    .map(({ path, at, found, accepted }) => {
      const place = at === undefined ? source : `${source}:${at.line}:${at.column}`;
      return `${place}${path === '' ? '' : `  ${path}`}\n    found:    ${found}\n    accepted: ${accepted}\n`;
    })
    .join('\n');
}
