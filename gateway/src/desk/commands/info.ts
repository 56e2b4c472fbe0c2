import type { Note, VisitorCard } from '../../helpdesk/model.ts';
import { stateOf } from '../contacts/contacts.ts';
import { teamNameOf } from '../state.ts';
import { setIn } from '../chat/transcript-line.ts';
import { dateAndTime } from '../contacts/time-of-day.ts';
import type { Command, CommandContext } from './command.ts';
import { writtenNote } from './note.ts';

function linesOf(card: VisitorCard): readonly string[] {
  const known: readonly (readonly [string, string | undefined])[] = [
    ['Name', card.name],
    ['E-mail', card.email],
    ['Phone', card.phone],
    ['Location', card.location],
    ['Page', [card.pageTitle, card.pageUrl].filter((part) => part !== undefined).join(' · ') || undefined],
    ['Came from', card.referrer],
    [
      'Browser',
      card.browser === undefined || card.platform === undefined ? card.browser : `${card.browser} on ${card.platform}`,
    ],
    ['System', card.browser === undefined ? card.platform : undefined],
    ['Language', card.language],
    ['Time zone', card.timeZone],
    ['Address', card.address],
    ...(card.fields ?? []).map(({ label, value }) => [label, value] as const),
  ];
  return known.flatMap(([label, value]) => (value === undefined || value === '' ? [] : [`${label}: ${setIn(value)}`]));
}

export const info: Command = {
  name: 'info',
  usage: '$info',
  does: 'what is known of the visitor, with notes and tags',
  title: 'What is known of the visitor',
  needsChat: true,
  run(context) {
    const { desk, talk, tell, ask } = context;
    if (talk === undefined) return;
    if (desk.settings.can.notes) ask({ is: 'notes', chat: talk.chat.id });
    else tell(aboutVisitor(context));
  },
  finish(context, result) {
    const notes = result.is === 'done' ? (result.notes ?? []) : undefined;
    context.tell([aboutVisitor(context), ...notesOf(context, notes)].join('\n'));
  },
};

function aboutVisitor({ desk, talk, staff }: CommandContext): string {
  if (talk === undefined) return 'This chat is over.';
  const { chat } = talk;
  const tags = chat.tags ?? [];
  return [
    `What the visitor's page and form say:`,
    ...linesOf(chat.visitor),
    `Team: ${teamNameOf(desk, chat.team)}`,
    `Chat: ${stateOf(desk, chat, staff.id)}`,
    ...(tags.length === 0 ? [] : [`Tags: ${tags.join(', ')}`]),
  ].join('\n');
}

/** Notes shown: the newest. */
const MOST_NOTES = 50;

function notesOf({ desk }: CommandContext, notes: readonly Note[] | undefined): readonly string[] {
  if (notes === undefined) return ['The notes cannot be read now: the helpdesk does not answer.'];
  const earlier = notes.length - MOST_NOTES;
  return [
    ...(earlier > 0 ? [`${earlier} earlier notes are not shown.`] : []),
    ...notes.slice(-MOST_NOTES).map((note) => {
      return `${dateAndTime(note.at, desk.settings.place.timeZone)} ${writtenNote(desk, note)}`;
    }),
  ];
}
