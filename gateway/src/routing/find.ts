import type { Answer } from '../bus/messages.ts';
import type { Found, IqRequest, Services } from '../features/feature.ts';
import { chatAt, staffAt } from './addressee.ts';
import { noSuchChat, unavailable } from './unavailable.ts';

const nothing: Answer = { about: 'nothing' };

/**
 * Who an IQ is for, and that they are there:
 *
 * | addressee | asked of | not there |
 * |---|---|---|
 * | domain, account, visitors’ domain, Chat Gateway | nobody | – |
 * | own app | the session directory | service-unavailable |
 * | colleague | the desk | service-unavailable, as a stranger |
 * | visitor | the desk | item-not-found, also when another team’s |
 */
export async function find(request: IqRequest, services: Pick<Services, 'ask' | 'sessionsOf'>): Promise<Found> {
  const { session, inbound, to } = request;
  switch (to.is) {
    case 'domain':
      return { entity: session.tenant.config.lab ? 'lab' : 'domain', answer: nothing };
    case 'account':
    case 'gateway':
    case 'visitors-domain':
      return { entity: to.is, answer: nothing };
    case 'own-app': {
      if (to.jid.resource === session.resource) return { entity: 'app', answer: nothing };
      const sessions = await services.sessionsOf(session, to.jid);
      if (!sessions.some((one) => one.resource === to.jid.resource && one.attached)) throw unavailable();
      return { entity: 'app', answer: nothing };
    }
    case 'colleague': {
      const answer = await services.ask(session, inbound, { about: 'staff-card', staff: staffAt(to.jid) });
      if (answer.about === 'nothing') throw unavailable();
      return { entity: 'staff', answer };
    }
    case 'visitor': {
      const answer = await services.ask(session, inbound, { about: 'visitor-card', chat: chatAt(to.jid) });
      if (answer.about === 'nothing') throw noSuchChat();
      return { entity: 'visitor', answer };
    }
    case 'stranger':
      throw unavailable();
  }
}
