/** What real apps do that breaks log-in, contact list or chats where a server does not expect it. */
export interface Quirk {
  readonly id: `Q${number}`;
  readonly what: string;
  /** File, and a name that a test in it has. */
  readonly tests: readonly (readonly [file: string, name: string])[];
  /** What is to know beside the tests, or why there is none. */
  readonly why?: string;
}

const src = (file: string): string => `gateway/src/${file}.test.ts`;
const scenarios = (file: string): string => `gateway/test/scenarios/${file}.test.ts`;
const wire = (file: string): string => `gateway/test/wire/${file}.test.ts`;
const clients = (file: string): string => `e2e/clients/${file}.e2e.ts`;

export const quirks: readonly Quirk[] = [
  {
    id: 'Q1',
    what: 'Pidgin and Adium check the certificate for the _Connect server_ and ask for that name; mcabber asks for none.',
    tests: [
      [src('c2s/tls-contexts'), 'the gateways own name (Pidgin, Adium)'],
      [src('c2s/tls-contexts'), 'no server name on STARTTLS'],
      [clients('pidgin'), 'Pidgin: the gateway’s host name as the server'],
      [clients('mcabber'), 'mcabber: a chat from the request to its end'],
    ],
  },
  {
    id: 'Q2',
    what: 'libpurple logs in by a fixed script and drops answers from any other address than the one it asked.',
    tests: [
      [src('features/layer'), 'Q2 the answer comes from exactly the address that was asked'],
      [src('features/roster'), 'Q2 comes from the bare JID when that was asked'],
      [src('c2s/stream-machine'), 'features after the login begin with bind'],
      [clients('bitlbee'), 'BitlBee (libpurple): a chat from the request to its end'],
    ],
  },
  {
    id: 'Q3',
    what: 'Some apps remember the strongest mechanism that they have seen, and refuse a weaker one later.',
    tests: [[wire('tls'), 'leads to a new stream that offers PLAIN, and STARTTLS no more']],
    why: 'the list is the same for every user at any time',
  },
  {
    id: 'Q4',
    what: 'Monal takes PLAIN by the old form of SASL only, and not where its account setting forbids it.',
    tests: [[src('c2s/stream-machine'), 'a known tenant is answered with its domain and the login features']],
    why: 'the old form is always offered, SASL2 never; in Monal leave “allow PLAIN” on',
  },
  {
    id: 'Q5',
    what: 'Gajim, Monal and libpurple take a failed log-in as final: they ask for the password, or switch the account off.',
    tests: [
      [src('c2s/edge-login'), 'C19 succeeds when the helpdesk comes back in time'],
      [scenarios('account'), 'a helpdesk that is down holds the login, then the stream is closed'],
    ],
  },
  {
    id: 'Q6',
    what: 'After `<conflict/>` libpurple stays offline; two apps with one resource throw each other out.',
    tests: [
      [src('c2s/edge-session'), 'D04 to a resource in use: the app that has it keeps it, the new one gets another'],
      [src('c2s/edge-session'), 'D04, D05 to a resource whose app does not answer: it is taken over, silently'],
    ],
  },
  {
    id: 'Q7',
    what: 'Gajim gives up its resumption when a server ends the stream in good order.',
    tests: [
      [src('c2s/edge-session'), 'F03 draining closes all streams without a word, and they resume elsewhere'],
      [clients('restart'), 'SIGTERM with a running chat'],
    ],
  },
  {
    id: 'Q8',
    what: 'Half of the apps do not follow `<see-other-host/>`.',
    tests: [],
    why: 'not used: the gateway never sends it',
  },
  {
    id: 'Q9',
    what: '`<gone/>` comes by a timer from Dino and profanity, on closing from poezio, never from most.',
    tests: [
      [src('desk/chat/typing'), 'Dino, that sends gone by a timer'],
      [src('desk/chat/typing'), 'is not taken back by inactive, which poezio sends after it'],
      [scenarios('chat'), '<gone/> from an app with an idle timer does not count'],
    ],
  },
  {
    id: 'Q10',
    what: 'Typing is shown only of contacts whose presence, subscription and capabilities are known.',
    tests: [
      [src('features/caps'), 'visitors have what makes apps show typing and ask for receipts (Q10)'],
      [src('routing/render'), 'a visitor’s line, with a chat state in it (Q10)'],
      [clients('profanity'), 'profanity: a chat from the request to its end'],
    ],
  },
  {
    id: 'Q11',
    what: 'libpurple answers to the address that the last message came from.',
    tests: [
      [src('features/messages'), 'goes to any resource, to none, and in type normal too'],
      [src('routing/render'), 'for libpurple, lines and chat states come from the bare JID'],
    ],
  },
  {
    id: 'Q12',
    what: 'libpurple keeps a change of the list that was refused; Dino shows no list, Conversations groups as tags only.',
    tests: [
      [src('features/roster'), 'E11 changing the roster'],
      [src('desk/contacts/roster'), 'of a team whose name is that of the visitors’ group is told apart'],
      [src('desk/chat/requests'), 'comes as the visitor’s question and a notice that says what it is'],
    ],
    why: 'the same facts are in the status text, in the request and in `$queue`',
  },
  {
    id: 'Q13',
    what: 'Receipts, markers, chat states and key exchanges come as messages without a text.',
    tests: [
      [src('features/messages'), 'Q13 without a text is never an act'],
      [src('desk/chat/requests'), 'Q13 does not accept: no body, an empty one, one of invisible characters'],
    ],
  },
  {
    id: 'Q14',
    what: 'Apps with OMEMO look for the contact’s keys, and may send a text that only says that it is encrypted.',
    tests: [
      [src('features/contacts'), 'Q14 no other node of theirs is found'],
      [src('features/layer'), 'Q14 Dino: OMEMO devices'],
      [scenarios('chat'), 'G29 encrypted text is not passed on, and the app is told'],
    ],
  },
  {
    id: 'Q15',
    what: 'libpurple and Psi add formatted text; plugins of libpurple may begin OTR by themselves.',
    tests: [
      [src('routing/read-message'), 'E21 XHTML-IM: the plain body counts, and the body in it does not'],
      [src('routing/read-message'), 'G29 an OTR query'],
    ],
  },
  {
    id: 'Q16',
    what: 'libpurple and Adium answer by themselves while they are away.',
    tests: [
      [src('desk/chat/requests'), 'Q16 does not accept: an away app that nobody typed in'],
      [scenarios('request'), 'the auto-reply of an app that is away does not accept'],
    ],
  },
  {
    id: 'Q17',
    what: 'libpurple and mcabber know no carbons: they miss what is typed in another app.',
    tests: [
      [src('routing/render'), 'an own line from another app, marked where the app has no carbons'],
      [clients('several-apps'), 'one staff user with two apps: both get every line, also those typed in the other one'],
    ],
  },
  {
    id: 'Q18',
    what: 'At log-in apps ask for bookmarks, notes, blocked contacts, cards and more, and some wait for each answer.',
    tests: [[src('features/layer'), 'every query of a common client’s login gets an answer at once']],
  },
  {
    id: 'Q19',
    what: 'Most apps do not say who they are before they log in.',
    tests: [
      [wire('tls'), 'all that was claimed before it is forgotten'],
      [src('c2s/stream-machine'), 'E03 a from that was claimed before the login and is not who logged in'],
    ],
    why: 'nothing depends on it: every user is offered the same',
  },
  {
    id: 'Q20',
    what: 'Dino crashes where the old form of SASL is missing.',
    tests: [[src('c2s/stream-machine'), 'a known tenant is answered with its domain and the login features']],
    why: 'it is always offered',
  },
  {
    id: 'Q21',
    what: 'Dino has no server field: it needs an SRV or address record of the account’s domain.',
    tests: [],
    why: 'a matter of the DNS: see [install-debian.md](install-debian.md#names-and-certificates)',
  },
  {
    id: 'Q22',
    what: 'Conversations says “incompatible server” where it does not find STARTTLS, a mechanism or bind.',
    tests: [
      [wire('tls'), 'nothing but STARTTLS is offered, and it is required'],
      [src('features/layer'), 'are what apps look for after the login'],
    ],
  },
  {
    id: 'Q23',
    what: 'Dino reconnects when a ping to the domain is not answered within 10 s.',
    tests: [[src('features/layer'), 'mcabber, Gajim, Dino: ping of the domain']],
  },
  {
    id: 'Q24',
    what: 'Conversations binds the log-in to the TLS channel where a server offers that; behind a balancer it then fails.',
    tests: [[wire('tls'), 'leads to a new stream that offers PLAIN, and STARTTLS no more']],
    why: 'not offered: PLAIN has no channel binding',
  },
  {
    id: 'Q25',
    what: 'Apps built on Smack take an error to the roster query for a failed log-in.',
    tests: [[src('features/roster'), 'Q25 waits for a slow desk; an answer after the deadline is not a second one']],
  },
  {
    id: 'Q26',
    what: 'On iOS apps are suspended after half a minute, and still look connected.',
    tests: [
      [src('desk/chat/requests'), 'counts as not seen when no app proves it within 10 s'],
      [src('c2s/edge-session'), 'is pinged after a line, once at a time, and its answer proves what came before'],
    ],
  },
];
