/** `docs/limits.md`: the numbers as the code has them. */
import * as c2s from '../gateway/src/c2s/limits.ts';
import * as sasl from '../gateway/src/sasl/plain.ts';
import { SASL_ATTEMPTS } from '../gateway/src/c2s/stream-machine.ts';
import { LONGEST_STATUS } from '../gateway/src/routing/read-presence.ts';
import { MAX_FIELD, MAX_TEXT } from '../gateway/src/text/clean.ts';
import * as web from '../gateway/src/web/limits.ts';
import * as xml from '../gateway/src/xmpp/limits.ts';

type Row = readonly [what: string, limit: string, then: string];

const number = (value: number) => value.toLocaleString('en');
const bytes = (value: number) =>
  value % 1_048_576 === 0
    ? `${value / 1_048_576} MiB`
    : value % 1_024 === 0
      ? `${value / 1_024} KiB`
      : `${number(value)} bytes`;
const seconds = (ms: number) => `${number(ms / 1_000)} s`;
const table = (rows: readonly Row[]) => [
  '| What | Limit | Beyond it |',
  '| --- | --- | --- |',
  ...rows.map((row) => `| ${row.join(' | ')} |`),
  '',
];

export function limitsDoc(): string {
  return [
    '# Limits',
    '',
    'Every number below is a constant of the code, and tested. Those that a platform may change are `limits` in [configuration.md](configuration.md).',
    '',
    '## XMPP',
    '',
    ...table([
      ['first-level element before login', bytes(xml.PRE_AUTH_LIMITS.elementBytes), 'stream error `policy-violation`'],
      ['elements in it', number(xml.PRE_AUTH_LIMITS.elements), 'stream error `policy-violation`'],
      ['stanza after login', bytes(xml.MAX_STANZA_BYTES), 'stream error `policy-violation`'],
      ['one tag with its attributes', bytes(xml.POST_AUTH_LIMITS.tagBytes), 'stream error `policy-violation`'],
      [
        'depth; attributes and children of an element; elements of a stanza',
        `${xml.POST_AUTH_LIMITS.depth}; ${xml.POST_AUTH_LIMITS.attributes}, ${xml.POST_AUTH_LIMITS.children}; ${number(xml.POST_AUTH_LIMITS.elements)}`,
        'stream error `policy-violation`',
      ],
      ['TLS handshake', seconds(c2s.HANDSHAKE_TIME), 'closed'],
      ['from the first byte to a bound session', seconds(c2s.NEGOTIATION_TIME), 'stream error `connection-timeout`'],
      ['one stanza, from its first byte to its last', seconds(c2s.STANZA_TIME), 'stream error `connection-timeout`'],
      ['password tries on one stream', number(SASL_ATTEMPTS), 'closed'],
      ['password', bytes(sasl.MAX_PASSWORD), 'login refused'],
      [
        'login that cannot be decided now',
        `held ${seconds(c2s.HOLD_TIME)}`,
        'stream error, so that the app tries again',
      ],
      [
        'bytes of one stream',
        `${bytes(c2s.BYTES_PER_SECOND)} a second, ${bytes(c2s.BYTES_BURST)} at once`,
        'read more slowly',
      ],
      [
        'stanzas of an app that are not stored yet',
        `${number(c2s.UNSTORED_STANZAS)}, or ${bytes(c2s.UNSTORED_BYTES)}`,
        'not read until some are stored',
      ],
      [
        'messages that an app has not acknowledged',
        `${number(c2s.UNPROVED_ENTRIES)}, or ${bytes(c2s.UNPROVED_CHARACTERS)}`,
        'connection closed; the session can be resumed',
      ],
      ['bytes that wait for a slow app', bytes(c2s.OUTBOUND_BYTES), 'connection closed; the session can be resumed'],
      [
        'silence of an app',
        `asked after ${seconds(c2s.SILENCE)}`,
        `without an answer in ${seconds(c2s.ANSWER_TIME)}: closed; the session can be resumed`,
      ],
      ['time to resume', seconds(c2s.RESUME_WINDOW), 'the session is over'],
      ['status text of a presence', `${number(LONGEST_STATUS)} characters`, 'cut'],
    ]),
    '## Visitors',
    '',
    ...table([
      ['request body', bytes(web.BODY_BYTES), '413'],
      ['request headers', bytes(web.HEADER_BYTES), '431'],
      ['one line of a chat', `${number(web.TEXT_CHARACTERS)} characters`, '400; the page does not let it be typed'],
      ['name; e-mail', `${number(web.NAME_CHARACTERS)}; ${number(web.EMAIL_CHARACTERS)} characters`, '400'],
      [
        'lines of one visitor',
        `${web.SAY.perSecond} a second, ${web.SAY.burst} at once`,
        '429; the page waits and goes on',
      ],
      ['calls of one address', `${web.CALLS.perSecond} a second, ${web.CALLS.burst} at once`, '429'],
      [
        'sockets of one chat; of one address',
        `${web.SOCKETS_PER_TICKET}; ${web.SOCKETS_PER_ADDRESS}`,
        'refused; the page polls',
      ],
      ['sockets; connections in all', `${number(web.SOCKETS)}; ${number(web.CONNECTIONS)}`, 'refused'],
      ['silence of a page', seconds(web.SILENCE_MS), 'the visitor is shown away'],
    ]),
    '## Text',
    '',
    ...table([
      ['what a person writes, as the helpdesk keeps it', `${number(MAX_TEXT)} characters`, 'refused with the reason'],
      ['names and other fields', `${number(MAX_FIELD)} characters`, 'cut'],
    ]),
  ].join('\n');
}
