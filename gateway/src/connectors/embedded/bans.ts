import ipaddr from 'ipaddr.js';
import { HelpdeskError } from '../../helpdesk/errors.ts';
import type { StaffId, TenantId } from '../../helpdesk/model.ts';
import type { Helpdesk } from '../../helpdesk/port.ts';
import { cleanLine } from '../../text/clean.ts';
import type { Floor } from './floor.ts';
import { BAN_REASON_CHARACTERS } from './limits.ts';
import { type Once, soft } from './once.ts';
import { chatInSight } from './sight.ts';
import type { Banned, EmbeddedStore } from './store/port.ts';

const DAY_MS = 86_400_000;
/** Bans of one answer. */
const MAX_BANS = 200;

interface BansDeps {
  readonly tenant: TenantId;
  readonly store: Pick<EmbeddedStore, 'bans' | 'ban'>;
  readonly now: () => number;
}

/** Keeps visitors out for some time who were rude, known again by their address and their e-mail address. */
export function banVerbs(once: Once, deps: BansDeps): Required<Pick<Helpdesk, 'ban' | 'bans' | 'liftBan'>> {
  const { tenant, store, now } = deps;
  return {
    ban: (call, id, staff, raw) =>
      once(call, (turn, floor) => {
        const chat = chatInSight(floor, id, staff);
        mayBan(floor, staff);
        const why = cleanLine(raw ?? '', BAN_REASON_CHARACTERS);
        const until = turn.now + floor.rules.banDays * DAY_MS;
        const visitor = chat.card.name;
        turn.store({
          is: 'ban',
          ban: { at: turn.now, until, visitor, by: staff, chat: id, ...(why !== '' && { why }) },
          who: bannedOf(chat.card),
        });
        // those who take part do not hear of who observes
        const isSilent = chat.is === 'running' && chat.observers.includes(staff);
        const by = isSilent ? {} : { staff: turn.speaker(staff) };
        turn.happen(id, { type: 'banned', ...by, days: floor.rules.banDays });
        turn.settle();
      }),
    bans: (limit) => soft(store.bans(tenant, now(), Math.min(Math.max(limit, 0), MAX_BANS))),
    liftBan: (call, staff, id) =>
      once(
        call,
        (turn, floor) => {
          mayBan(floor, staff);
          turn.store({ is: 'ban-lifted', id, at: turn.now });
        },
        async () => {
          if ((await soft(store.ban(tenant, id, now()))) === undefined) throw new HelpdeskError({ is: 'not-found' });
          return true;
        },
      ),
  };
}

/** By what a visitor is known again; a provider gives one household a /64 of IPv6 addresses. */
export function bannedOf({
  address,
  email,
}: {
  readonly address?: string | undefined;
  readonly email?: string | undefined;
}): Banned {
  const known = address === undefined ? undefined : networkOf(address);
  const mail = email?.trim().toLowerCase() ?? '';
  return { ...(known !== undefined && { address: known }), ...(mail !== '' && { email: mail }) };
}

function networkOf(address: string): string | undefined {
  if (!ipaddr.isValid(address)) return undefined;
  const parsed = ipaddr.process(address);
  if (parsed instanceof ipaddr.IPv4) return parsed.toString();
  const network = parsed.parts.slice(0, 4).map((part) => part.toString(16));
  return `${network.join(':')}::/64`;
}

function mayBan({ directory }: Floor, staff: StaffId): void {
  if (!directory.may(staff, 'ban')) throw new HelpdeskError({ is: 'forbidden' });
}
