import type { VisitorCard } from '../../helpdesk/model.ts';
import { stateOf } from '../contacts.ts';
import { teamNameOf } from '../state.ts';
import type { Command } from './command.ts';

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
  return known.flatMap(([label, value]) => (value === undefined || value === '' ? [] : [`${label}: ${value}`]));
}

export const info: Command = {
  name: 'info',
  usage: '$info',
  does: 'what is known of the visitor',
  needsChat: true,
  run({ desk, talk, tell }) {
    if (talk === undefined) return;
    const { chat } = talk;
    const lines = [...linesOf(chat.visitor), `Team: ${teamNameOf(desk, chat.team)}`, `Chat: ${stateOf(desk, chat)}`];
    tell(`What the visitor's page and form say:\n${lines.join('\n')}`);
  },
};
