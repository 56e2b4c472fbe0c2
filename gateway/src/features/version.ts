import { xml } from '../xmpp/element.ts';
import { defineFeature } from './feature.ts';

const VERSION = 'jabber:iq:version';

/** A browser as visitors' pages report it, such as `Firefox 140`, in name and version. */
export function browserVersion(browser: string | undefined): { name: string; version: string } {
  const text = browser?.trim() ?? '';
  const space = text.lastIndexOf(' ');
  const version = text.slice(space + 1);
  if (space > 0 && /^\d[\d.]*$/u.test(version)) return { name: text.slice(0, space), version };
  return { name: text === '' ? 'Web browser' : text, version: 'unknown' };
}

export const version = defineFeature({
  name: 'software version',
  spec: 'XEP-0092 1.1',
  scope: 'Of the gateway; a visitor’s is the browser.',
  disco: { domain: [VERSION], visitor: [VERSION], gateway: [VERSION], staff: [VERSION] },
  setup({ onIq }, services) {
    onIq('get', VERSION, 'query', async (request) => {
      const { answer } = await services.find(request);
      const card = answer.about === 'visitor-card' ? answer.card : undefined;
      const software =
        card === undefined ? { name: 'Chat Gateway', version: services.version } : browserVersion(card.browser);
      return xml(
        'query',
        VERSION,
        xml('name', {}, software.name),
        xml('version', {}, software.version),
        card?.platform !== undefined && xml('os', {}, card.platform),
      );
    });
  },
});
