/** What the visitor sites of all pods send to the one helpdesk of a tenant. Already cleaned where it is written. */
import { z } from 'zod';
import type { ChatId, TeamId } from '../../../helpdesk/model.ts';

const chat = z
  .string()
  .regex(/^[a-z2-7]{26}$/u)
  .transform((id) => id as ChatId);
const team = z
  .string()
  .max(64)
  .transform((id) => id as TeamId);
const messageId = z.string().min(1).max(64);
const field = z.string().max(400);
const url = z.string().max(4_000);
const text = z.string().max(8_000);

/** Facts of a page, as they go onto the visitor's card. */
const page = z.strictObject({
  pageUrl: url.optional(),
  pageTitle: field.optional(),
  referrer: url.optional(),
  browser: field.optional(),
  platform: field.optional(),
  location: field.optional(),
  language: field.optional(),
  timeZone: field.optional(),
  address: field.optional(),
});

const file = z.strictObject({ name: field, type: field, size: z.int().min(0), url });

const inputSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('start'),
    chat,
    /** Hexadecimal SHA-256 of the visitor's token. */
    ticket: z.string().regex(/^[0-9a-f]{64}$/u),
    messageId,
    team,
    name: field,
    email: field.optional(),
    phone: field.optional(),
    fields: z
      .array(z.strictObject({ label: field, value: field }))
      .max(10)
      .optional(),
    question: text,
    page,
  }),
  z.strictObject({ type: z.literal('say'), chat, messageId, text }),
  /** A file that the visitor sent: what is known of it was looked up, not claimed. */
  z.strictObject({ type: z.literal('share'), chat, messageId, file }),
  z.strictObject({ type: z.literal('end'), chat }),
  z.strictObject({ type: z.literal('visit'), chat, page }),
  z.strictObject({
    type: z.literal('leave-message'),
    /** The chat that this message closes. */
    chat: chat.optional(),
    messageId,
    team,
    name: field,
    email: field,
    text,
  }),
]);
export type SiteInput = z.infer<typeof inputSchema>;
export type StartInput = Extract<SiteInput, { type: 'start' }>;
export type LeaveMessageInput = Extract<SiteInput, { type: 'leave-message' }>;
export type CardFacts = z.infer<typeof page>;

const signalSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('heard'), chat }),
  z.strictObject({ type: z.literal('seen'), chat, line: z.int().min(1) }),
  z.strictObject({ type: z.literal('typing'), chat, on: z.boolean() }),
]);
export type SiteSignal = z.infer<typeof signalSchema>;

export function readInput(input: unknown): SiteInput | undefined {
  return inputSchema.safeParse(input).data;
}

export function readSignal(signal: unknown): SiteSignal | undefined {
  return signalSchema.safeParse(signal).data;
}
