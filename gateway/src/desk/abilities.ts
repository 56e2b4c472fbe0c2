import type { Helpdesk } from '../helpdesk/port.ts';
import type { Ability } from './state.ts';

/** What a helpdesk can do, as its optional methods say. */
export function abilitiesOf(helpdesk: Partial<Helpdesk>): Readonly<Record<Ability, boolean>> {
  return {
    leftMessages: helpdesk.leftMessages !== undefined,
    markDone: helpdesk.markMessageDone !== undefined,
    invite: helpdesk.invite !== undefined,
    transfer: helpdesk.transfer !== undefined,
    join: helpdesk.join !== undefined,
    observe: helpdesk.observe !== undefined,
    note: helpdesk.note !== undefined,
    notes: helpdesk.notes !== undefined,
    tag: helpdesk.tag !== undefined,
    push: helpdesk.push !== undefined,
    ban: helpdesk.ban !== undefined,
    bans: helpdesk.bans !== undefined,
    liftBan: helpdesk.liftBan !== undefined,
    mail: helpdesk.mail !== undefined,
    extras: helpdesk.extras === true,
    seen: helpdesk.seen !== undefined,
  };
}
