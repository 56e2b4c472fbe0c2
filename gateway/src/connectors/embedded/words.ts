import { HelpdeskError } from '../../helpdesk/errors.ts';
import type { Files } from '../../helpdesk/files.ts';
import type { ChatId, LineExtra, StaffId, TenantId } from '../../helpdesk/model.ts';
import type { CallContext, Words } from '../../helpdesk/port.ts';
import { cleanText, isLongerThan } from '../../text/clean.ts';
import type { ChatLine, ChatWords, KeptExtra } from './chat/chat.ts';
import { REACTION_CHARACTERS, REACTION_EMOJI, WORDS_CHARACTERS } from './limits.ts';
import { type Once, soft } from './once.ts';
import type { EmbeddedStore } from './store/port.ts';
import type { Turn } from './turn.ts';
import { webAddress } from './visitor/web-address.ts';

/** Longest id that an app gives a message, in characters. */
const MAX_REF = 1_000;
/** One character as people see it. RGI has all that a keyboard offers; some apps leave out the picture selector. */
const EMOJI = /^(?:\p{RGI_Emoji}|\p{Emoji_Presentation}|\p{Extended_Pictographic}\ufe0f?)$/v;
const characters = new Intl.Segmenter('en', { granularity: 'grapheme' });

export interface WordsDeps {
  readonly tenant: TenantId;
  readonly store: Pick<EmbeddedStore, 'findLine' | 'isTakenBack' | 'hasLine'>;
  /** Absent: there are no files. */
  readonly files?: Pick<Files, 'at' | 'takeBack'>;
}

/**
 * What a staff user says in a chat, cleaned, with what it is about.
 *
 * | extra | about | text |
 * |---|---|---|
 * | correction | a text or a reply of one's own that was not taken back | any |
 * | retraction | any line of one's own that was not taken back | empty |
 * | reaction | what somebody said | emoji, or empty |
 * | reply | what somebody said; anything else, and it is a text | any |
 * | file | | the address of a file of this tenant's |
 * | push | | the address of a page |
 *
 * What is about a correction is about the line that it corrects.
 *
 * @throws HelpdeskError `forbidden`, `not-found`
 */
export async function readWords(deps: WordsDeps, chat: ChatId, staff: StaffId, words: Words): Promise<ChatWords> {
  const { id, ref, text, extra } = words;
  const named = { id, ...(ref !== undefined && ref.length <= MAX_REF && { ref }) };
  if (extra === undefined) return { ...named, text: textOf(text) };
  switch (extra.is) {
    case 'push': {
      const address = webAddress(text);
      if (address === undefined) throw forbidden();
      return { ...named, text: address, extra };
    }
    case 'file': {
      const file = await soft(deps.files?.at(deps.tenant, extra.file.url) ?? Promise.resolve(undefined));
      if (file === undefined) throw notFound();
      return { ...named, text: file.url, extra: { is: 'file', file } };
    }
    case 'reply': {
      const line = await spoken(deps, chat, staff, extra.of);
      return { ...named, text: textOf(text), ...(line !== undefined && { extra: about(extra, line) }) };
    }
    case 'reaction':
      return { ...named, text: reactionsOf(text), extra: about(extra, await earlier(deps, chat, staff, extra.of)) };
    case 'correction':
    case 'retraction': {
      const line = await earlier(deps, chat, staff, extra.of);
      if (line.from.is !== 'staff' || line.from.staff !== staff) throw forbidden();
      if (await soft(deps.store.isTakenBack(deps.tenant, chat, line.id))) throw notFound();
      if (extra.is === 'retraction') return { ...named, text: '', extra: about(extra, line) };
      if (line.extra !== undefined && line.extra.is !== 'reply') throw forbidden();
      return { ...named, text: textOf(text), extra: about(extra, line) };
    }
  }
}

/** Where a line with a file was taken back by the line `retraction`, the file goes too. */
export async function takeFileBack(
  { tenant, store, files }: WordsDeps,
  chat: ChatId,
  staff: StaffId,
  retraction: string,
): Promise<void> {
  const extraOf = async (id: string) => (await soft(store.findLine(tenant, chat, { id })))?.extra;
  const said = await extraOf(retraction);
  const gone = said?.is === 'retraction' ? await extraOf(said.of) : undefined;
  if (gone?.is === 'file')
    await soft(files?.takeBack(tenant, gone.file.url, { is: 'staff', staff }) ?? Promise.resolve());
}

/** As {@link readWords}, for what begins to take part: no reaction does, nor what only changes an earlier line. */
export async function readFirstWords(...given: Parameters<typeof readWords>): Promise<ChatWords> {
  const words = await readWords(...given);
  const is = words.extra?.is;
  if (is === 'correction' || is === 'retraction' || is === 'reaction') throw forbidden();
  return words;
}

/** A call that says something: a line with this id is said once, even if another call asks for it. */
export type Saying = (
  call: CallContext,
  chat: ChatId,
  staff: StaffId,
  words: Words,
  read: typeof readWords,
  work: (turn: Turn, said: ChatWords) => void,
) => Promise<void>;

export function saying(once: Once, deps: WordsDeps): Saying {
  return (call, chat, staff, words, read, work) => {
    let said: ChatWords | undefined;
    return once(
      call,
      (turn) => {
        if (said !== undefined) work(turn, said);
      },
      async () => {
        if (await soft(deps.store.hasLine(deps.tenant, chat, words.id))) return false;
        said = await read(deps, chat, staff, words);
        return true;
      },
    );
  };
}

/** The line that something is about. @throws HelpdeskError `not-found` */
async function earlier(...given: Parameters<typeof spoken>): Promise<ChatLine> {
  const line = await spoken(...given);
  if (line === undefined) throw notFound();
  return line;
}

/** What somebody has said, by its id or as its author's app knows it. */
async function spoken(
  { store, tenant }: WordsDeps,
  chat: ChatId,
  staff: StaffId,
  of: string,
): Promise<ChatLine | undefined> {
  const find = async (id: string) => soft(store.findLine(tenant, chat, { id }));
  const named = (await find(of)) ?? (await soft(store.findLine(tenant, chat, { staff, ref: of })));
  const line = named?.extra?.is === 'correction' ? await find(named.extra.of) : named;
  const is = line?.extra?.is;
  return line?.from.is === 'notice' || is === 'retraction' || is === 'reaction' ? undefined : line;
}

function about<Extra extends Extract<LineExtra, { readonly of: string }>>(extra: Extra, line: ChatLine): KeptExtra {
  const { from, ref } = line;
  const author = from.is === 'staff' && ref !== undefined ? { author: { staff: from.staff, ref } } : {};
  return { is: extra.is, of: line.id, number: line.number, ...author };
}

function textOf(text: string): string {
  if (isLongerThan(text, WORDS_CHARACTERS)) throw forbidden();
  const clean = cleanText(text, WORDS_CHARACTERS);
  if (clean.trim() === '') throw forbidden();
  return clean;
}

function reactionsOf(text: string): string {
  if (isLongerThan(text, REACTION_CHARACTERS)) throw forbidden();
  const emoji = [...new Set(text.split(/\s+/u).filter((one) => one !== ''))];
  if (emoji.length > REACTION_EMOJI || !emoji.every(isEmoji)) throw forbidden();
  return emoji.join(' ');
}

function isEmoji(text: string): boolean {
  return [...characters.segment(text)].every(({ segment }) => EMOJI.test(segment));
}

const forbidden = () => new HelpdeskError({ is: 'forbidden' });
const notFound = () => new HelpdeskError({ is: 'not-found' });
