import { onlyAt } from '../routing/iq.ts';
import { defineFeature, type IqRequest } from './feature.ts';

const CARBONS = 'urn:xmpp:carbons:2';

async function turn(request: IqRequest, on: boolean): Promise<void> {
  onlyAt(request, 'account', 'domain');
  const { session, inbound } = request;
  session.note({ carbons: on });
  await session.put({ type: 'session-carbons', session: session.id, on }, inbound);
}

export const carbons = defineFeature({
  name: 'message carbons',
  spec: 'XEP-0280 1.0.1',
  scope: 'Of own lines, also to visitors; of what a colleague addressed to another app. Apps without them see “You:”.',
  disco: { domain: [CARBONS], account: [CARBONS] },
  setup({ onIq }) {
    onIq('set', CARBONS, 'enable', (request) => turn(request, true));
    onIq('set', CARBONS, 'disable', (request) => turn(request, false));
  },
});
