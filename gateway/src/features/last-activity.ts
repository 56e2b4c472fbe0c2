import { xml } from '../xmpp/element.ts';
import { defineFeature, type Found } from './feature.ts';

const LAST = 'jabber:iq:last';

function idleOf({ answer }: Found): number {
  return answer.about === 'visitor-card' || answer.about === 'staff-card' ? Math.max(0, Math.floor(answer.idle)) : 0;
}

export const lastActivity = defineFeature({
  name: 'last activity',
  spec: 'XEP-0012 2.0',
  scope: 'Idle time of visitors and colleagues; of the domain, how long it has been up.',
  disco: { domain: [LAST], visitor: [LAST], gateway: [LAST], staff: [LAST] },
  setup({ onIq }, { clock, find }) {
    const started = clock.monotonic();
    onIq('get', LAST, 'query', async (request) => {
      const found = await find(request);
      const up = found.entity === 'domain' || found.entity === 'visitors-domain' || found.entity === 'gateway';
      const seconds = up ? Math.floor((clock.monotonic() - started) / 1_000) : idleOf(found);
      const state = found.answer.about === 'visitor-card' ? found.answer.state : undefined;
      return xml('query', { xmlns: LAST, seconds }, state);
    });
  },
});
