import { dateTime } from '../routing/render.ts';
import { xml } from '../xmpp/element.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import { defineFeature } from './feature.ts';

const TIME = 'urn:xmpp:time';
const ZONES_KEPT = 100;
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string | undefined): Intl.DateTimeFormat {
  const key = timeZone ?? '';
  const known = formats.get(key);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en', {
    timeZoneName: 'longOffset',
    ...(timeZone !== undefined && { timeZone }),
  });
  if (formats.size >= ZONES_KEPT) formats.clear();
  formats.set(key, made);
  return made;
}

/**
 * The numeric offset of a time zone at a time, as XEP-0082 writes it; the host's zone where none is named.
 * `undefined` for what is no IANA name.
 */
export function offsetAt(at: number, timeZone?: string): string | undefined {
  try {
    const parts = formatOf(timeZone).formatToParts(at);
    const offset = parts.find((part) => part.type === 'timeZoneName')?.value.slice('GMT'.length) ?? '';
    return offset === '' ? '+00:00' : offset.slice(0, '+00:00'.length);
  } catch {
    return undefined;
  }
}

export const time = defineFeature({
  name: 'entity time',
  spec: 'XEP-0202 2.0',
  scope: 'Of the gateway, in the helpdesk’s time zone; of a visitor, if the page told its time zone.',
  disco: { domain: [TIME], visitor: [TIME], gateway: [TIME], staff: [TIME] },
  setup({ onIq }, { clock, find }) {
    onIq('get', TIME, 'time', async (request) => {
      const { answer } = await find(request);
      const now = clock.now();
      const zone = answer.about === 'visitor-card' ? answer.card.timeZone : request.session.tenant.config.timeZone;
      const unknown = answer.about === 'visitor-card' && zone === undefined;
      const tzo = unknown ? undefined : offsetAt(now, zone);
      if (tzo === undefined) throw new StanzaError('cancel', 'service-unavailable', 'The local time is not known.');
      return xml('time', TIME, xml('tzo', {}, tzo), xml('utc', {}, dateTime(now)));
    });
  },
});
