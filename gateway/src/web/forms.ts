import { z } from 'zod';
import {
  EMAIL_CHARACTERS,
  FIELD_CHARACTERS,
  FIELDS,
  FILE_NAME_CHARACTERS,
  NAME_CHARACTERS,
  TEXT_CHARACTERS,
  TITLE_CHARACTERS,
  URL_CHARACTERS,
} from './limits.ts';
import { Refusal } from './refusal.ts';

const VISIBLE = /[^\p{Z}\p{C}\p{DI}]/u;
/** Control characters and what ends a line: never part of a name or an address [RFC5322 §2.2]. */
const LINE_BREAKING = /[\p{Cc}\u2028\u2029]/u;

const line = (most: number) =>
  z
    .string()
    .max(most)
    .refine((text) => !LINE_BREAKING.test(text), 'must be one line')
    .transform((text) => text.trim());
const name = line(NAME_CHARACTERS).refine((text) => VISIBLE.test(text), 'is needed');
const email = line(EMAIL_CHARACTERS).pipe(z.email('must be an e-mail address'));
const text = z
  .string()
  .max(TEXT_CHARACTERS)
  .refine((words) => VISIBLE.test(words), 'is needed')
  .transform((words) => words.replaceAll('\0', ''));
const messageId = z.uuid();
const team = z.string().min(1).max(64);

const facts = z.strictObject({
  url: z
    .url({ protocol: /^https?$/u })
    .max(URL_CHARACTERS)
    .optional(),
  title: z
    .string()
    .max(TITLE_CHARACTERS)
    .transform((title) => title.replace(/[\p{Cc}\u2028\u2029]+/gu, ' '))
    .optional(),
  referrer: z
    .url({ protocol: /^https?$/u })
    .max(URL_CHARACTERS)
    .optional(),
  language: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,35}$/u)
    .optional(),
  timeZone: z
    .string()
    .regex(/^[A-Za-z0-9_+/-]{1,64}$/u)
    .optional(),
});
export type PageClaims = z.output<typeof facts>;

export const nothingForm = z.strictObject({});
export const startForm = z.strictObject({
  messageId,
  name,
  email: email.optional(),
  phone: line(NAME_CHARACTERS).optional(),
  fields: z
    .record(z.string().max(63), line(FIELD_CHARACTERS))
    .refine((fields) => Object.keys(fields).length <= FIELDS, 'has too many fields')
    .optional(),
  team,
  question: text,
  page: facts,
});
export const leaveMessageForm = z.strictObject({ messageId, name, email, team, text });
export const sayForm = z.strictObject({ messageId, text });
export const shareForm = z.strictObject({ messageId, url: z.url({ protocol: /^https?$/u }).max(URL_CHARACTERS) });
export const slotForm = z.strictObject({
  name: z.string().max(FILE_NAME_CHARACTERS),
  size: z.int().min(0),
  type: z.string().max(255).optional(),
});
const lineNumber = z.int().min(0).max(1_000_000_000);
export const readForm = z.strictObject({
  after: lineNumber,
  /** Waits for something that differs from this version (given with the read before). */
  unless: z.string().max(32).optional(),
});
export const typingForm = z.strictObject({ on: z.boolean() });
export const seenForm = z.strictObject({ line: lineNumber.min(1) });
export const visitForm = z.strictObject({ page: facts });

/** What a page says over its socket. */
export const helloMessage = z.strictObject({
  type: z.literal('hello'),
  ticket: z.string().max(300),
  after: lineNumber,
});
export const socketMessage = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('typing'), on: z.boolean() }),
  z.strictObject({ type: z.literal('heard') }),
  z.strictObject({ type: z.literal('seen'), line: lineNumber.min(1) }),
]);

function sentence(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'too_big':
      return 'is too long';
    case 'too_small':
      return 'is needed';
    case 'unrecognized_keys':
      return 'has a field that is not known here';
    case 'custom':
      return issue.message;
    case 'invalid_type':
      return issue.input === undefined ? 'is needed' : `must be of type ${issue.expected}`;
    case 'invalid_format':
      return issue.format === 'email' ? 'must be an e-mail address' : 'is not of its form';
    default:
      return 'is not of its form';
  }
}

/** Checks a request against its form. @throws Refusal `bad-form` with the first field that is wrong */
export function fill<Form extends z.ZodType>(form: Form, value: unknown): z.output<Form> {
  const result = form.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = issue?.path.join('.');
  const problem = issue === undefined ? 'is not of its form' : sentence(issue);
  if (field === undefined || field === '') throw new Refusal('bad-form', `The request ${problem}.`);
  throw new Refusal('bad-form', `${field} ${problem}.`, { field });
}
