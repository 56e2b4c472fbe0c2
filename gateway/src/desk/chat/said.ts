/** Lines of staff on their way to the helpdesk, and what it answers. */
import type { AppMessage } from '../../bus/messages.ts';
import type { ChatId, LineExtra } from '../../helpdesk/model.ts';
import { refusalOf } from './about.ts';
import { beginAccepting, doneAccepting } from './accepting.ts';
import { visitorFullAddress } from '../contacts/addresses.ts';
import type { Call, Result, Said } from '../calls.ts';
import { feedOf } from './feeds.ts';
import { awaitSeen } from './markers.ts';
import { stableId } from '../stable-id.ts';
import { type AppSession, appOf, type Desk, IN_NO_APP, type Talk } from '../state.ts';
import type { Turn } from '../turn.ts';
import { stopTyping } from './typing.ts';

/** Lines per chat by which one sent again is known. */
const KNOWN_LINES = 50;

export interface ToSay {
  readonly is: 'say' | 'accept' | 'join';
  readonly text: string;
  readonly extra?: LineExtra | undefined;
  /** The app that shows the line already. */
  readonly app?: string;
}

export function sayLine(
  desk: Desk,
  turn: Turn,
  session: AppSession,
  talk: Talk,
  message: AppMessage,
  { is, text, extra, app = appOf(session) }: ToSay,
): void {
  const { staff } = session;
  const chat = talk.chat.id;
  const isTheirs = talk.chat.participants.includes(staff);
  const print = printOf(session, message);
  // The same line sent again, by this or a later stream, is the same call: a helpdesk that knows it does nothing.
  const line =
    print.fingerprint === undefined ? stableId('line', turn.cause) : stableId('line', print.fingerprint, chat);
  // An app that shows the line knows it by this; what a command says has an id of its own.
  const ref = app === IN_NO_APP ? undefined : (message.id ?? message.originId);
  const said: Said = {
    session: session.id,
    app,
    ...(message.id === undefined ? {} : { of: message.id }),
    ...(message.receipt === undefined ? {} : { receipt: message.receipt }),
    ...print,
    line,
  };
  talk.pending.set(line, said.app);
  if (message.markable === true && ref !== undefined) awaitSeen(talk, staff, line, ref);
  if (isTheirs) {
    stopTyping(desk, turn, talk, staff);
    feedOf(desk, talk, session).tookPart = true;
    desk.dirty.add(`chat:${chat}`);
  } else beginAccepting(talk, session);
  (session.states ??= new Map()).set(chat, 'active');
  const words = { id: line, text, ...(ref === undefined ? {} : { ref }), ...(extra === undefined ? {} : { extra }) };
  turn.call({ is, chat, staff, words }, { is: 'said', said }, line);
}

/** By which a message is known when its app sends it again, in this stream or in the one that takes its place. */
export function printOf(session: AppSession, { id, originId, body }: AppMessage): { readonly fingerprint?: string } {
  const own = originId ?? id;
  return own === undefined ? {} : { fingerprint: stableId('print', session.stream, own, body ?? '') };
}

export function wasSaid(talk: Talk, session: AppSession, message: AppMessage): boolean {
  const { fingerprint } = printOf(session, message);
  return fingerprint !== undefined && talk.recent.some((known) => known.fingerprint === fingerprint);
}

function remember(desk: Desk, talk: Talk, recent: Talk['recent'][number]): void {
  talk.recent = [...talk.recent.filter(({ line }) => line !== recent.line), recent].slice(-KNOWN_LINES);
  // Apart from the rest of the chat, which changes with every proof.
  desk.dirty.add(`said:${talk.chat.id}`);
}

export function receipt(
  desk: Desk,
  turn: Turn,
  session: AppSession,
  chat: ChatId,
  { id, receipt: wanted }: { readonly id?: string; readonly receipt?: true },
): void {
  if (wanted !== true || id === undefined) return;
  turn.deliver([session], { kind: 'receipt', from: visitorFullAddress(desk.settings.place, chat), of: id });
}

/** The helpdesk has said the line, or has not. */
export function lineAnswered(desk: Desk, turn: Turn, call: Call, said: Said, result: Result): void {
  const { verb } = call;
  if (verb.is !== 'accept' && verb.is !== 'say' && verb.is !== 'join') return;
  const { chat, staff, words } = verb;
  const talk = desk.talks.get(chat);
  if (talk !== undefined) {
    talk.pending.delete(said.line);
    doneAccepting(desk, chat, staff);
    if (result.is === 'done') {
      const print = said.fingerprint === undefined ? {} : { fingerprint: said.fingerprint };
      remember(desk, talk, { line: said.line, app: said.app, ...print });
    }
  }
  const session = desk.sessions.get(said.session);
  if (session === undefined) return;
  if (result.is === 'done') {
    if (talk !== undefined) {
      feedOf(desk, talk, session).tookPart = true;
      (session.touched ??= new Set()).add(chat);
    }
    const of = said.of === undefined ? {} : { id: said.of };
    receipt(desk, turn, session, chat, { ...of, ...(said.receipt === undefined ? {} : { receipt: true }) });
    return;
  }
  const text = refusalOf(desk, result.fault, words?.extra);
  const from = visitorFullAddress(desk.settings.place, chat);
  turn.deliver([session], {
    kind: 'refusal',
    from,
    ...(said.of === undefined ? {} : { of: said.of }),
    condition: result.fault.is === 'not-found' ? 'item-not-found' : 'not-acceptable',
    text,
  });
  turn.notice([session], from, text);
}
