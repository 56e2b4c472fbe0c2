/** `docs/limits.md`: the numbers as the code has them. */
import * as c2s from '../gateway/src/c2s/limits.ts';
import * as sasl from '../gateway/src/sasl/plain.ts';
import { HANDSHAKES_PER_TURN } from '../gateway/src/c2s/handshakes.ts';
import { BINDS_PER_ACCOUNT, FAILURES_PER_ADDRESS, FAILURES_PER_NAME } from '../gateway/src/c2s/throttle.ts';
import { limitsSchema, MOST_CANNED_TEXTS } from '../gateway/src/config/schema.ts';
import * as desk from '../gateway/src/desk/limits.ts';
import { OPEN_PER_SESSION as OPEN_FORMS } from '../gateway/src/features/adhoc.ts';
import { SASL_ATTEMPTS } from '../gateway/src/c2s/stream-machine.ts';
import * as routing from '../gateway/src/routing/limits.ts';
import { LONGEST_STATUS } from '../gateway/src/routing/read-presence.ts';
import { MAX_FIELD, MAX_TEXT } from '../gateway/src/text/clean.ts';
import * as embedded from '../gateway/src/connectors/embedded/limits.ts';
import * as files from '../gateway/src/connectors/embedded/files/limits.ts';
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

const rate = ({ burst, perSecond }: { readonly burst: number; readonly perSecond: number }) =>
  `${number(burst)} at once, then one every ${number(Math.round(1 / perSecond))} s`;
const perMinute = ({ burst, perMinute: refill }: { readonly burst: number; readonly perMinute: number }) =>
  `${number(burst)} at once, then ${number(refill)} a minute`;
const limits = limitsSchema.parse({});
const TEMPORARY = 'stream error `resource-constraint`';
const SLOWED = `not asked: held ${seconds(c2s.HOLD_TIME)}, then ${TEMPORARY}`;

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
      ['TLS handshake; header of the PROXY protocol', seconds(c2s.HANDSHAKE_TIME), 'closed'],
      [
        'handshakes that begin in one turn of the event loop',
        number(HANDSHAKES_PER_TURN),
        'the others wait their turn',
      ],
      [
        'what TLS adds to a stream in a minute (key updates)',
        `${c2s.TLS_OVERHEAD.perByte} times its bytes, and ${bytes(c2s.TLS_OVERHEAD.bytes)}`,
        'stream error `policy-violation`',
      ],
      ['from the first byte to a bound session', seconds(c2s.NEGOTIATION_TIME), 'stream error `connection-timeout`'],
      ['one stanza, from its first byte to its last', seconds(c2s.STANZA_TIME), 'stream error `connection-timeout`'],
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
      [
        'a page of the archive',
        `${routing.ARCHIVE_PAGE.entries} messages, or ${number(routing.ARCHIVE_PAGE.characters)} characters`,
        'the app asks for the next one',
      ],
      [
        'a page of the archive, while the app has asked for others',
        `${routing.ARCHIVE_PAGE_OF_MANY.entries} messages, or ${number(routing.ARCHIVE_PAGE_OF_MANY.characters)} characters`,
        'the app asks for the next one',
      ],
      [
        'queries of the archive at once; ids in one',
        `${routing.ARCHIVE_QUERIES}; ${routing.ARCHIVE_IDS}`,
        '`resource-constraint`; `policy-violation`',
      ],
      ['markers of an app to one contact', `one in ${seconds(routing.MARKER_WINDOW)}`, 'the newest one waits'],
    ]),
    '## Logins',
    '',
    ...table([
      [
        'failed attempts on one stream, of whatever kind',
        number(SASL_ATTEMPTS),
        'the last one is answered, then stream error `policy-violation`',
      ],
      ['password', bytes(sasl.MAX_PASSWORD), 'refused like a wrong one, and not hashed'],
      ['wrong passwords of one name from one address', rate(FAILURES_PER_NAME), SLOWED],
      ['wrong passwords of all names from one address', rate(FAILURES_PER_ADDRESS), SLOWED],
      [
        'logins that the helpdesk cannot decide now',
        `held ${seconds(c2s.HOLD_TIME)}`,
        'stream error `internal-server-error`, so that the app tries again',
      ],
      ['binds of one account', rate(BINDS_PER_ACCOUNT), `wait up to ${seconds(c2s.HOLD_TIME)}, then ${TEMPORARY}`],
      ['apps of one account', number(limits.resourcesPerAccount), '`resource-constraint` to the bind'],
      ['connections of one address', number(limits.connectionsPerAddress), 'closed at once'],
      ['logged-in connections of one tenant', number(limits.connectionsPerTenant), TEMPORARY],
    ]),
    "An address is an IPv4 address or the /64 of an IPv6 one; that of a balancer in `trustedProxies` is nobody's (switch the PROXY protocol on, so that the apps' own count). Only a \"no\" of the helpdesk is a wrong password. Attempts side by side count as if all failed until they are decided: others wait for them. A name is never slowed down for everybody: who guesses at somebody's password cannot lock that person out elsewhere. SASL failures are for what is wrong for good: what is only too much or too early is a stream error, as apps forget passwords that are refused.",
    '',
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
    '## Chats',
    '',
    ...table([
      ['what staff write at once', `${number(embedded.WORDS_CHARACTERS)} characters`, 'refused'],
      [
        'reactions to one line',
        `${embedded.REACTION_EMOJI} emoji, ${embedded.REACTION_CHARACTERS} characters`,
        'refused',
      ],
      ['one note; notes of a chat', `${number(embedded.NOTE_CHARACTERS)} characters; ${embedded.NOTES}`, 'refused'],
      ['colleagues who are asked for one chat at once', number(embedded.OPEN_INVITATIONS), 'refused'],
      ['observers of one chat', number(embedded.OBSERVERS), 'refused'],
      ['what is said with `$invite` or `$transfer`', `${number(embedded.INVITATION_CHARACTERS)} characters`, 'cut'],
      ['tags of a chat', `${embedded.TAGS} of ${embedded.TAG_CHARACTERS} characters`, 'refused'],
      [
        'address of a page that visitors are asked to look at',
        `${number(embedded.WEB_ADDRESS_CHARACTERS)} characters`,
        'refused',
      ],
      ['mails of one staff user', `${embedded.MAILS_PER_HOUR} an hour`, 'refused, with when there are more'],
      ['lines of one mail', number(embedded.MAILED_LINES), 'the rest is left out, and the mail says so'],
      ['texts between staff', `kept ${embedded.PEER_MESSAGE_DAYS} days`, 'deleted; transcripts of chats are kept'],
    ]),
    '## Commands',
    '',
    ...table([
      [
        'commands of one staff user, written or from menus',
        `${desk.COMMANDS.burst} at once, then ${desk.COMMANDS.perSecond} a second`,
        'not done, and said so',
      ],
      ['forms of menus that an app has open', number(OPEN_FORMS), 'the oldest one has to be begun again'],
      [
        'canned texts of a tenant',
        `${number(MOST_CANNED_TEXTS)} of ${number(MAX_TEXT)} characters`,
        'a problem of the configuration',
      ],
      [
        'what waits for the helpdesk of one tenant',
        `${number(desk.PENDING.calls)} calls, or ${bytes(desk.PENDING.bytes)}`,
        'what is written then waits outside, and its author is told; visitors get 429',
      ],
      ['silence of the helpdesk', seconds(desk.AWAY_AFTER), 'all staff are told; what they write is kept'],
    ]),
    '## Files',
    '',
    ...table([
      [
        'one file; all files of a tenant; days that they are kept; kinds',
        '`files` of the tenant, in [configuration.md](configuration.md)',
        'refused: 413, 429, 415; in apps `not-acceptable`, `resource-constraint`',
      ],
      ['visitors’ share of the room', `${files.SHARE.visitor * 100} %`, 'refused for a time'],
      ['files of one staff user', perMinute(files.SLOTS.staff), 'refused for a time'],
      ['files of one chat’s visitor', perMinute(files.SLOTS.visitor), 'refused for a time'],
      [
        'bytes of one staff user; of one chat’s visitor, in a day',
        `${bytes(files.BRINGER_BYTES.staff)}; ${bytes(files.BRINGER_BYTES.visitor)}`,
        'refused for a time',
      ],
      ['visitors’ files of one address', `${rate(web.SLOTS)}; ${bytes(web.SLOT_BYTES.burst)} in a day`, '429'],
      ['name', `${number(files.NAME_CHARACTERS)} characters`, 'cut before its extension'],
      ['from the place to the upload', seconds(files.SLOT_MS), '404; the app asks again'],
      [
        'an upload',
        `after ${seconds(files.UNHURRIED_MS)} ${bytes(files.SLOWEST_BYTES_PER_SECOND)} in a second since it began; ${seconds(web.FILE_STALL_MS)} without a byte`,
        'closed; nothing of it is kept',
      ],
      [
        'files that come at the same time; of one tenant; of one address',
        `${number(web.UPLOADS)}; ${number(web.UPLOADS_PER_TENANT)}; ${number(web.UPLOADS_PER_ADDRESS)}`,
        '429',
      ],
      [
        'files that go at the same time; of one address',
        `${number(web.DOWNLOADS)}; ${number(web.DOWNLOADS_PER_ADDRESS)}`,
        '429',
      ],
    ]),
    '## Text',
    '',
    ...table([
      ['what a person writes, as the helpdesk keeps it', `${number(MAX_TEXT)} characters`, 'refused with the reason'],
      ['a text to a colleague', `${number(routing.PEER_CHARACTERS)} characters`, '`not-acceptable`, with the reason'],
      [
        'texts of colleagues that wait for one staff user',
        `${number(embedded.WAITING_TEXTS.texts)}, or ${bytes(embedded.WAITING_TEXTS.bytes)}`,
        '`resource-constraint`, with the reason',
      ],
      ['names and other fields', `${number(MAX_FIELD)} characters`, 'cut'],
    ]),
  ].join('\n');
}
