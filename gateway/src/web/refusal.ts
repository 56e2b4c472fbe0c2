import { SiteError, type SiteRefusal } from '../connectors/embedded/visitor-site.ts';
import { FileError, type FileFault } from '../helpdesk/files.ts';

export type RefusalCode =
  | 'bad-request'
  | 'bad-form'
  | 'no-ticket'
  | 'foreign-origin'
  | 'not-found'
  | 'wrong-method'
  | 'ended'
  | 'closed'
  | 'refused'
  | 'too-large'
  | 'not-json'
  | 'files-off'
  | 'wrong-type'
  | 'empty-file'
  | 'too-many-files'
  | 'too-fast'
  | 'too-many-starts'
  | 'too-many-chats'
  | 'busy'
  | 'closing'
  | 'failed';

const STATUS: Readonly<Record<RefusalCode, number>> = {
  'bad-request': 400,
  'bad-form': 400,
  'no-ticket': 401,
  'foreign-origin': 403,
  'not-found': 404,
  'wrong-method': 405,
  ended: 409,
  closed: 409,
  refused: 403,
  'too-large': 413,
  'not-json': 415,
  'files-off': 403,
  'wrong-type': 415,
  'empty-file': 400,
  'too-many-files': 429,
  'too-fast': 429,
  'too-many-starts': 429,
  'too-many-chats': 429,
  busy: 429,
  closing: 503,
  failed: 500,
};

/** What a page is told when a call is not done. The text never repeats what was sent. */
export class Refusal extends Error {
  readonly code: RefusalCode;
  /** Name of the form field that is wrong. */
  readonly field: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: RefusalCode, text: string, more: { field?: string; retryAfterMs?: number } = {}) {
    super(text);
    this.code = code;
    this.field = more.field;
    this.retryAfterMs = more.retryAfterMs;
  }

  get status(): number {
    return STATUS[this.code];
  }

  /** Whole seconds, as the header wants them. */
  get retryAfterSeconds(): number | undefined {
    return this.retryAfterMs === undefined ? undefined : Math.max(1, Math.ceil(this.retryAfterMs / 1000));
  }

  get body(): object {
    return {
      error: {
        code: this.code,
        text: this.message,
        ...(this.field !== undefined && { field: this.field }),
        ...(this.retryAfterMs !== undefined && { retryAfterMs: Math.ceil(this.retryAfterMs) }),
      },
    };
  }
}

export const NO_SUCH_CHAT = 'There is no such chat.';

const REFUSED_BY_SITE: Readonly<Record<SiteRefusal, () => Refusal>> = {
  'not-found': () => new Refusal('not-found', NO_SUCH_CHAT),
  ended: () => new Refusal('ended', 'This chat is over.'),
  closed: () => new Refusal('closed', 'No chat can be started now. Please leave a message.'),
  // why is not told: who is banned learns no more than that
  banned: () => new Refusal('refused', 'This cannot be done now.'),
  'bad-form': () => new Refusal('bad-form', 'The helpdesk does not accept this form.'),
  busy: () => new Refusal('busy', 'The helpdesk has too much to do. Try again in a moment.', { retryAfterMs: 2_000 }),
};

const REFUSED_FILE: Readonly<Record<FileFault, [RefusalCode, string]>> = {
  off: ['files-off', 'No files are taken here.'],
  'too-large': ['too-large', 'The file is too large.'],
  'wrong-type': ['wrong-type', 'Files of this kind are not taken here.'],
  'bad-form': ['empty-file', 'The file has no name, or nothing in it.'],
  'too-many': ['too-many-files', 'Too many files came in a short time.'],
  'not-found': ['not-found', 'There is no such file.'],
};

function refusedFile({ fault, retryAfter }: FileError): Refusal {
  const [code, text] = REFUSED_FILE[fault];
  return new Refusal(code, text, retryAfter === undefined ? {} : { retryAfterMs: retryAfter });
}

/** Puts what the visitor site or the files refused into HTTP's words; anything else is none of the visitor's doing. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error;
  if (error instanceof FileError) return refusedFile(error);
  return error instanceof SiteError ? REFUSED_BY_SITE[error.refusal]() : undefined;
}
