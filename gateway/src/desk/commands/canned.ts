import { type CannedText, canonicalTextName } from '../../config/schema.ts';
import { cleanText, cut, isBlank, isLongerThan, MAX_TEXT } from '../../text/clean.ts';
import { isCommandLike } from '../../text/dollar.ts';
import { type Command, type CommandContext, isComing, isParticipant, offerTo } from './command.ts';

/** Texts listed; the rest is a number. */
const MOST = 30;
/** Choices in a menu. */
const MOST_CHOICES = 500;
const SHORT = 60;

const SEND = /^send(?:\s+(.*))?$/isu;

/** As it goes out: an unknown word in braces stays as it is. */
function filled({ talk, staff }: CommandContext, { text }: CannedText): string {
  const names: Readonly<Record<string, string | undefined>> = {
    visitor: talk === undefined ? undefined : isBlank(talk.chat.visitor.name) ? talk.label : talk.chat.visitor.name,
    me: staff.name,
  };
  return text.replace(/\{(visitor|me)\}/gu, (whole, name: string) => names[name] ?? whole).trim();
}

interface Found {
  readonly exact?: CannedText;
  readonly byName: readonly CannedText[];
  /** In the name or in the text. */
  readonly all: readonly CannedText[];
}

function find(texts: readonly CannedText[], words: string): Found {
  const wanted = canonicalTextName(words);
  const exact = texts.find(({ name }) => canonicalTextName(name) === wanted);
  const byName = texts.filter(({ name }) => canonicalTextName(name).includes(wanted));
  const all = texts.filter((one) => byName.includes(one) || canonicalTextName(one.text).includes(wanted));
  return { ...(exact === undefined ? {} : { exact }), byName, all };
}

function listed(texts: readonly CannedText[]): string {
  const lines = texts.slice(0, MOST).map(({ name, text }) => {
    const line = text.trim().replace(/\s+/gu, ' ');
    return `${name}: ${isLongerThan(line, SHORT) ? `${cut(line, SHORT)}…` : line}`;
  });
  if (texts.length > MOST) lines.push(`and ${texts.length - MOST} more`);
  return lines.join('\n');
}

const HINT = '$canned NAME shows one, $canned send NAME sends it';

function show(context: CommandContext, words: string): void {
  const { desk, tell } = context;
  const texts = desk.settings.canned;
  if (words === '') return tell(`Canned texts (${HINT}):\n${listed(texts)}`);
  const { exact, all } = find(texts, words);
  const only = exact ?? (all.length === 1 ? all[0] : undefined);
  if (only !== undefined) return tell(`${only.name} ($canned send ${only.name} sends it):\n${filled(context, only)}`);
  if (all.length === 0) return tell('No canned text has these words in its name or in itself. $canned shows them all.');
  tell(`Canned texts with these words (${HINT}):\n${listed(all)}`);
}

function send(context: CommandContext, words: string): void {
  const { desk, talk, session, turn, tell, fail } = context;
  if (talk === undefined) return fail('Nothing was sent: write $canned send in the window of the visitor.');
  if (talk.ended !== undefined) return fail('This chat has ended. Nothing was sent.');
  if (words === '') return fail('Write the name too: $canned send NAME. Nothing was sent.');
  const { exact, byName } = find(desk.settings.canned, words);
  const only = exact ?? (byName.length === 1 ? byName[0] : undefined);
  if (only === undefined)
    return fail(
      byName.length === 0
        ? 'There is no canned text of this name. Nothing was sent. $canned shows them.'
        : `More than one canned text is called so. Nothing was sent. Which one?\n${listed(byName)}`,
    );
  const whole = filled(context, only);
  const text = cleanText(whole).trimEnd();
  if (isBlank(text)) return fail('This text is empty. Nothing was sent.');
  if (isLongerThan(whole, MAX_TEXT)) return fail(`This text is longer than ${MAX_TEXT} characters. Nothing was sent.`);
  if (isCommandLike(text)) return fail('This text begins with a $ or has a command in it. Nothing was sent.');
  turn.speak({ session, chat: talk.chat.id, text, refuse: fail });
  if (isParticipant(context) || isComing(context)) tell(`“${only.name}” goes out.`);
}

export const canned: Command = {
  name: 'canned',
  usage: '$canned [search] · $canned send NAME',
  does: 'texts that are written already; sends one of them',
  title: 'Canned texts',
  needsChat: false,
  isPossible: ({ desk }) => desk.settings.canned.length > 0,
  isUseful: ({ talk }) => talk?.ended === undefined,
  fields(context) {
    const { desk, talk } = context;
    const options = desk.settings.canned.slice(0, MOST_CHOICES).map(({ name }) => ({ value: name, label: name }));
    const text = { name: 'text', label: 'Text', kind: 'list-single', required: true, options } as const;
    if (talk === undefined) return [text];
    const value = isParticipant(context) || offerTo(context) !== undefined ? 'true' : 'false';
    return [
      text,
      { name: 'send', label: 'Send it to the visitor (otherwise it is only shown)', kind: 'boolean', value },
    ];
  },
  restOf: ({ text = '', send: isSent }) => (isSent === 'true' ? `send ${text}` : text),
  run(context) {
    const { rest, desk } = context;
    const sending = SEND.exec(rest);
    const isName = find(desk.settings.canned, rest).exact !== undefined;
    if (sending === null || isName) show(context, rest);
    else send(context, (sending[1] ?? '').trim());
  },
};
