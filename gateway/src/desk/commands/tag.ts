import { cleanLine, isLongerThan } from '../../text/clean.ts';
import { faultNotice } from '../chat/notices.ts';
import { type Command, isInside } from './command.ts';

const MOST = 20;
const LONGEST = 50;
/** Written instead of tags: there are none any more. */
const NONE = '-';

/** The tags that a person wrote, each once, in capitals or not. */
function tagsIn(text: string): readonly string[] {
  const tags = new Map<string, string>();
  for (const part of text.split(',')) {
    const tag = cleanLine(part.replace(/^\s*#/u, ''), 10 * LONGEST);
    const key = tag.toLowerCase();
    if (tag !== '' && !tags.has(key)) tags.set(key, tag);
  }
  return Array.from(tags.values());
}

export const tag: Command = {
  name: 'tag',
  usage: '$tag A,B',
  does: `files the chat under these tags, in place of those that it had (${NONE}: under none)`,
  title: 'Tags',
  needsChat: true,
  ability: 'tag',
  isUseful: isInside,
  fields: ({ talk }) => {
    const value = (talk?.chat.tags ?? []).join(', ');
    return [
      {
        name: 'tags',
        label: 'Tags, with commas between them',
        kind: 'text-single',
        ...(value === '' ? {} : { value }),
      },
    ];
  },
  restOf: ({ tags = '' }) => (tags.trim() === '' ? NONE : tags),
  run(context) {
    const { rest, talk, staff, tell, fail, ask } = context;
    if (talk === undefined) return;
    if (rest === '') {
      const now = talk.chat.tags ?? [];
      return tell(now.length === 0 ? 'This chat has no tags. Write $tag A,B.' : `Tags: ${now.join(', ')}.`);
    }
    if (talk.ended !== undefined) return fail('This chat has ended: its tags cannot be changed any more.');
    if (!isInside(context)) return fail('You are not in this chat: its tags were not changed.');
    const tags = rest === NONE ? [] : tagsIn(rest);
    if (tags.length === 0 && rest !== NONE) return fail('Write $tag and the tags, with commas between them.');
    if (tags.length > MOST) return fail(`A chat has at most ${MOST} tags. None was changed.`);
    if (tags.some((one) => isLongerThan(one, LONGEST)))
      return fail(`A tag has at most ${LONGEST} characters. None was changed.`);
    ask({ is: 'tag', chat: talk.chat.id, staff: staff.id, tags });
  },
  finish({ desk, tell, fail }, result, verb) {
    if (result.is === 'fault') return fail(`${faultNotice(desk, result.fault)}. The tags were not changed.`);
    if (verb.is !== 'tag') return;
    tell(verb.tags.length === 0 ? 'This chat has no tags any more.' : `Tags: ${verb.tags.join(', ')}.`);
  },
};
