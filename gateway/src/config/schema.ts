/** The configuration, as the file source reads it: every field with its form, its default and what it is for. */
import { z } from 'zod';
import { FILE_TYPES } from './file-types.ts';

const port = z.int().min(0).max(65_535);
/** Text that people see; checked and cleaned where it is shown. */
const label = z.string().trim().min(1).max(200);
const path = z.string().min(1);
const domainName = z.string().min(1).max(253);

export const certificateSchema = z.strictObject({
  certificate: path.describe('PEM file: the certificate, and then its chain.'),
  key: path.describe('PEM file: the private key, without a passphrase.'),
});
export type CertificateConfig = z.infer<typeof certificateSchema>;

const listenerFields = (defaultPort: number, defaultHost = '::') => ({
  host: z.string().min(1).default(defaultHost).describe('Address to listen on; `::` is every address.'),
  port: port.default(defaultPort).describe('0: any free port.'),
  enabled: z.boolean().default(true),
});
const listener = (defaultPort: number, defaultHost?: string) =>
  z.strictObject(listenerFields(defaultPort, defaultHost)).prefault({});
const xmppListener = (defaultPort: number) =>
  z
    .strictObject({
      ...listenerFields(defaultPort),
      proxyProtocol: z
        .boolean()
        .default(false)
        .describe(
          'True: connections from `trustedProxies` begin with a header of the PROXY protocol (version 1 or 2), which says whose they are; those without one are closed. Never read from anybody else.',
        ),
    })
    .prefault({});

export const limitsSchema = z
  .strictObject({
    connectionsPerAddress: z
      .int()
      .min(1)
      .default(2_000)
      .describe('XMPP connections from one address (IPv6: from one /64).'),
    connectionsPerTenant: z.int().min(1).default(20_000).describe('XMPP connections of one tenant.'),
    resourcesPerAccount: z.int().min(1).max(100).default(10).describe('Apps of one staff user at the same time.'),
    waitingChatsPerTenant: z
      .int()
      .min(1)
      .default(200)
      .describe('Chats that may wait before further visitors are asked to leave a message.'),
    visitorStartsPerMinute: z.int().min(1).default(10).describe('Chats that one address may start in a minute.'),
    visitorOpenChats: z.int().min(1).default(20).describe('Chats that one address may have open.'),
  })
  .prefault({});
export type Limits = z.infer<typeof limitsSchema>;

const weekday = z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']);
/** A text with a pattern; `form` says the pattern in words, in problems and in the reference. */
const formed = (pattern: RegExp, form: string) => z.string().regex(pattern).meta({ form });
const opens = formed(/^([01]\d|2[0-3]):[0-5]\d$/u, 'a time of day such as 09:00');
const closes = formed(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/u, 'a time of day such as 17:30, or 24:00');

/** Open from `from` (inclusive) to `to` (exclusive), in the tenant's time zone. */
export const hoursSchema = z.array(
  z.strictObject({
    days: z.array(weekday).min(1),
    from: opens.describe('Opens at this time.'),
    to: closes.describe('Closes at this time; later than `from` (over midnight: two entries).'),
  }),
);

const identifier = formed(/^[a-z0-9][a-z0-9_-]{0,62}$/u, 'up to 63 lower-case letters, digits, "-" and "_"');
const webAddress = z.url({ protocol: /^https?$/u }).meta({ form: 'an address that begins with https:// or http://' });

export const teamSchema = z.strictObject({
  id: identifier.describe('How staff and links name the team.'),
  name: label.describe("How people see it: a group in the staff's apps, a choice on the visitor's page."),
  public: z.boolean().default(true).describe('False: not offered to visitors.'),
});

export const staffSchema = z.strictObject({
  username: z.string().trim().min(1).max(200).describe('Login name; with the domain it is the JID.'),
  name: label.describe('How colleagues and visitors see this person.'),
  email: z.email().max(254).optional(),
  hash: z.string().min(1).max(500).describe('Of the password: made with `gateway staff hash`.'),
  teams: z.array(identifier).describe('Ids of the teams.'),
  permissions: z
    .array(z.enum(['observe', 'ban', 'all-teams', 'lab-admin']))
    .default([])
    .describe(
      "`observe`: may listen in silence; `ban`: may ban visitors; `all-teams`: sees every team's chats; `lab-admin`: adds and removes accounts of a tenant with `lab: true`.",
    ),
  disabled: z.boolean().default(false).describe('True: cannot log in.'),
});
export type StaffConfig = z.infer<typeof staffSchema>;

export const ringSchema = z
  .strictObject({
    strategy: z
      .enum(['round-robin', 'open-queue'])
      .default('round-robin')
      .describe(
        '`round-robin`: asks one available member of the team after the other; `open-queue`: asks all at once.',
      ),
    seconds: z.number().min(5).max(600).default(60).describe('How long one staff user is asked (round-robin).'),
    passes: z
      .int()
      .min(1)
      .max(20)
      .default(3)
      .describe('Times a request goes round the team before the visitor is asked to leave a message (round-robin).'),
    maxChats: z
      .int()
      .min(1)
      .max(100)
      .default(5)
      .describe('Running chats of one staff user from which on no new one is offered (round-robin).'),
    openQueueSeconds: z
      .number()
      .min(10)
      .max(3_600)
      .default(300)
      .describe('How long a request waits for anybody (open-queue).'),
  })
  .prefault({});

const webhookSchema = z.strictObject({
  url: webAddress,
  secret: z.string().min(16).max(500).describe('Signs each call: `X-Chat-Gateway-Signature: sha256=…` over the body.'),
});

export const formSchema = z
  .strictObject({
    phone: z.boolean().default(false).describe('True: asks for a phone number too, which need not be given.'),
    fields: z
      .array(
        z.strictObject({
          id: identifier.describe('How the page sends it.'),
          label: z.string().trim().min(1).max(80).describe('How visitors and staff see it, such as "Order number".'),
          required: z.boolean().default(false).describe('True: no chat without it.'),
        }),
      )
      .max(10)
      .default([])
      .describe('Further questions, of one line each.'),
  })
  .prefault({});

/** Commands that a helpdesk can do without; `$help` and `$end` are always there. */
export const OPTIONAL_COMMANDS = [
  'invite',
  'transfer',
  'join',
  'observe',
  'leave',
  'who',
  'staff',
  'queue',
  'messages',
  'info',
  'history',
  'note',
  'tag',
  'canned',
  'push',
  'ban',
  'mail',
  'status',
] as const;

const commandsSchema = z
  .strictObject({
    off: z
      .array(z.enum(OPTIONAL_COMMANDS))
      .default([])
      .describe('Commands that nobody can use here; `$help` and menus do not show them.'),
  })
  .prefault({});

export const cannedTextSchema = z.strictObject({
  name: z.string().trim().min(1).max(60).describe('What staff write after `$canned`.'),
  text: z
    .string()
    .min(1)
    .max(4_000)
    .describe('`{visitor}` becomes the name of the visitor, `{me}` that of the staff user who sends it.'),
});

export type CannedText = z.infer<typeof cannedTextSchema>;
/** Of one tenant. */
export const MOST_CANNED_TEXTS = 1_000;

/** One name means one text, in capitals or not: `$canned greeting` is `$canned Greeting`. */
export function canonicalTextName(name: string): string {
  return name.normalize('NFKC').replace(/\s+/gu, ' ').trim().toLowerCase();
}

const cannedSchema = z
  .strictObject({
    texts: z.array(cannedTextSchema).max(MOST_CANNED_TEXTS).default([]).describe('Texts, one after the other.'),
    from: path
      .optional()
      .describe(
        'More of them: a folder whose `.txt` and `.md` files are one text each, named as the file is; or one YAML file, a list as `texts` is. A change is taken over without a restart.',
      ),
  })
  .prefault({});

export const mailSchema = z.strictObject({
  host: domainName.describe('Mail server (SMTP) that takes mail to anybody.'),
  port: port.min(1).default(587),
  security: z
    .enum(['starttls', 'tls', 'none'])
    .default('starttls')
    .describe('`starttls`: begins in clear and must become TLS; `tls`: TLS from the start (usually port 465).'),
  username: z.string().min(1).max(200).optional().describe('Absent: the server asks for none.'),
  password: z.string().min(1).max(500).optional(),
  from: z.email().max(254).describe('Sender of the mail.'),
});
export type MailConfig = z.infer<typeof mailSchema>;

export const embeddedSchema = z.strictObject({
  kind: z.literal('embedded').describe('The helpdesk that is built in.'),
  teams: z.array(teamSchema).min(1),
  staff: z.array(staffSchema),
  ring: ringSchema.describe('How a request finds somebody.'),
  hours: hoursSchema.optional().describe('Business hours. Absent: always open.'),
  form: formSchema.describe(
    'What the page asks before a chat, beside name, e-mail address and question. The answers are in the contact card.',
  ),
  webhook: webhookSchema.optional().describe('Gets each message that a visitor leaves, as JSON.'),
  visitorAwayMinutes: z
    .number()
    .min(1)
    .max(60)
    .default(5)
    .describe('Minutes after which a page that is not heard of loses its chat.'),
  idleMinutes: z.number().min(5).max(1_440).default(60).describe('Minutes without a word after which a chat ends.'),
  banDays: z
    .int()
    .min(1)
    .max(365)
    .default(7)
    .describe('Days for which a banned visitor, known by address and e-mail address, can start no chat.'),
});

const windowCloseSchema = z
  .strictObject({
    enabled: z.boolean().default(true),
    graceSeconds: z.number().min(5).max(300).default(20).describe('Any sign of life in this time cancels it.'),
  })
  .prefault({});

export const filesSchema = z
  .strictObject({
    enabled: z.boolean().default(true).describe('False: no files, neither from visitors nor from staff.'),
    maxMegabytes: z.number().min(1).max(100).default(20).describe('Most of one file, in MiB.'),
    keepDays: z.int().min(1).max(3_650).default(30).describe('Days after which a file is deleted.'),
    totalMegabytes: z
      .int()
      .min(1)
      .default(2_048)
      .describe('Most of all files that are kept, in MiB. Visitors can use half of it.'),
    types: z
      .array(z.enum(FILE_TYPES))
      .default([...FILE_TYPES])
      .describe('Media types that are taken. Pages, scripts and programs never are.'),
  })
  .prefault({});

export const tenantSchema = z.strictObject({
  domain: domainName.describe("The part of the staff's JIDs after the @: an address made up for this purpose."),
  name: label.optional().describe('Shown to visitors. Absent: the domain.'),
  usernameDomain: domainName
    .optional()
    .describe('Where usernames are e-mail addresses: `jesse@<domain>` also means `jesse@<usernameDomain>`.'),
  publicUrl: webAddress.optional().describe('The address under which browsers reach the visitor page.'),
  allowedOrigins: z
    .array(z.string())
    .default([])
    .describe(
      "Websites that may embed the widget, such as `https://www.acme.example`. Absent: only the gateway's own.",
    ),
  timeZone: z.string().optional().describe('IANA name, such as `Europe/Berlin`. Absent: the one of the machine.'),
  tls: certificateSchema.optional().describe("For this tenant's domain. Absent: the gateway's own certificate."),
  files: filesSchema.describe(
    'Pictures and other files that visitors and staff send each other. Needs a `publicUrl` that begins with `https://`: apps take no other address for files, and without it nobody is offered to send one.',
  ),
  windowClose: windowCloseSchema.describe('A staff app that closes its chat window ends the chat, if the app tells.'),
  commands: commandsSchema.describe('What staff can do with `$` commands and menus.'),
  canned: cannedSchema.describe('Texts that staff send with `$canned`.'),
  mail: mailSchema
    .optional()
    .describe('Where `$mail` sends transcripts from. Absent: it sends none, and there is no `$mail`.'),
  suspended: z.boolean().default(false).describe('True: nobody can log in or start a chat.'),
  lab: z
    .boolean()
    .default(false)
    .describe(
      'True: a place for test suites, never for real chats. Staff with the permission `lab-admin` add and remove accounts from their apps, and no account is slowed down or limited in its apps.',
    ),
  helpdesk: embeddedSchema,
});
export type TenantConfig = z.infer<typeof tenantSchema>;

export const configSchema = z.strictObject({
  dataDir: path.default('data').describe('Folder for chats, messages and the certificate that the gateway makes.'),
  hostName: domainName
    .default('localhost')
    .describe('Host name of the gateway: what people enter as "connect server" in their apps.'),
  tls: certificateSchema
    .optional()
    .describe('Used where a tenant has none. Absent: a self-signed one is made once and kept in the data folder.'),
  listeners: z
    .strictObject({
      xmpp: xmppListener(5222).describe('XMPP with STARTTLS.'),
      xmppTls: xmppListener(5223).describe('XMPP with direct TLS.'),
      web: listener(8080).describe('Visitor page and widget over HTTP: for a proxy that adds TLS, or to try it out.'),
      webTls: listener(8443).describe('Visitor page and widget over HTTPS.'),
      operations: listener(9090, '127.0.0.1').describe('Health and metrics: not for the public.'),
    })
    .prefault({}),
  trustedProxies: z
    .array(z.string())
    .default([])
    .describe(
      'Addresses of proxies and balancers (`10.0.0.5`, `10.0.0.0/8`) whose `X-Forwarded-For` is believed, and whose PROXY header where a listener has `proxyProtocol`. Their own addresses are not counted in limits per address.',
    ),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  limits: limitsSchema,
  tenants: z.array(tenantSchema).describe('The helpdesks. A change here is taken over without a restart.'),
});
export type Config = z.infer<typeof configSchema>;
