/** The configuration, as the file source reads it: every field with its form and its default. */
import { z } from 'zod';

const port = z.int().min(0).max(65_535);
const duration = (minimum: number, maximum: number) => z.number().min(minimum).max(maximum);
/** Text that people see; checked and cleaned where it is shown. */
const label = z.string().trim().min(1).max(200);
const path = z.string().min(1);

export const certificateSchema = z.strictObject({
  /** PEM file: the certificate and its chain. */
  certificate: path,
  /** PEM file. */
  key: path,
});
export type CertificateConfig = z.infer<typeof certificateSchema>;

const listener = (defaultPort: number) =>
  z
    .strictObject({
      host: z.string().min(1).default('::'),
      port: port.default(defaultPort),
      enabled: z.boolean().default(true),
    })
    .prefault({});

/** Constants of `docs/limits.md`; those here may be changed by the platform team. */
export const limitsSchema = z
  .strictObject({
    /** XMPP connections from one address (IPv6: one /64). */
    connectionsPerAddress: z.int().min(1).default(2_000),
    connectionsPerTenant: z.int().min(1).default(20_000),
    resourcesPerAccount: z.int().min(1).max(100).default(10),
    /** Chats that may wait in one tenant before visitors are asked to leave a message. */
    waitingChatsPerTenant: z.int().min(1).default(200),
    visitorStartsPerMinute: z.int().min(1).default(10),
    visitorOpenChats: z.int().min(1).default(20),
  })
  .prefault({});
export type Limits = z.infer<typeof limitsSchema>;

const weekday = z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']);
const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/u, 'a time of day such as 09:00');

/** Open from `from` (inclusive) to `to` (exclusive), in the tenant's time zone. */
export const hoursSchema = z.array(z.strictObject({ days: z.array(weekday).min(1), from: timeOfDay, to: timeOfDay }));

const identifier = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/u, 'lower-case letters, digits, "-" and "_"');

export const teamSchema = z.strictObject({
  id: identifier,
  name: label,
  /** False: not offered to visitors. */
  public: z.boolean().default(true),
});

export const staffSchema = z.strictObject({
  username: z.string().trim().min(1).max(200),
  name: label,
  email: z.email().optional(),
  /** Made with `gateway staff hash`. */
  hash: z.string().min(1),
  teams: z.array(identifier),
  permissions: z.array(z.enum(['observe', 'ban', 'all-teams'])).default([]),
  disabled: z.boolean().default(false),
});
export type StaffConfig = z.infer<typeof staffSchema>;

export const ringSchema = z
  .strictObject({
    strategy: z.enum(['round-robin', 'open-queue']).default('round-robin'),
    /** How long one staff user is asked (round-robin). */
    seconds: duration(5, 600).default(60),
    /** Times that a request goes round the team before the visitor is asked to leave a message. */
    passes: z.int().min(1).max(20).default(3),
    /** Running chats of one staff user, above which no new one is offered (round-robin). */
    maxChats: z.int().min(1).max(100).default(5),
    /** How long a request waits for anybody (open-queue). */
    openQueueSeconds: duration(10, 3_600).default(300),
  })
  .prefault({});

export const embeddedSchema = z.strictObject({
  kind: z.literal('embedded'),
  teams: z.array(teamSchema).min(1),
  staff: z.array(staffSchema),
  ring: ringSchema,
  /** Absent: always open. */
  hours: hoursSchema.optional(),
  /** Gets each left message as JSON, signed (`X-Chat-Gateway-Signature: sha256=…` over the body). */
  webhook: z.strictObject({ url: z.url({ protocol: /^https?$/u }), secret: z.string().min(16) }).optional(),
  /** Minutes after which a page that is not heard of loses its chat. */
  visitorAwayMinutes: duration(1, 60).default(5),
  /** Minutes without a word after which a chat ends. */
  idleMinutes: duration(5, 1_440).default(60),
});
export type EmbeddedConfig = z.infer<typeof embeddedSchema>;

export const tenantSchema = z.strictObject({
  /** Of the JIDs of this tenant's staff; made up for this purpose. */
  domain: z.string().min(1).max(253),
  /** Shown to visitors; default: the domain. */
  name: label.optional(),
  /** The helpdesk logs in by e-mail: `jesse@<domain>` also means `jesse@<usernameDomain>`. */
  usernameDomain: z.string().min(1).max(253).optional(),
  /** The https address under which the web part is reached. */
  publicUrl: z.url({ protocol: /^https?$/u }).optional(),
  /** Websites that may embed the widget, as origins; default: none but the gateway's own. */
  allowedOrigins: z.array(z.string()).default([]),
  /** IANA name; default: the host's. */
  timeZone: z.string().optional(),
  tls: certificateSchema.optional(),
  /** A staff app that closes its window ends the chat (if the app tells). */
  windowClose: z
    .strictObject({ enabled: z.boolean().default(true), graceSeconds: duration(5, 300).default(20) })
    .prefault({}),
  /** Nobody can log in or start a chat. */
  suspended: z.boolean().default(false),
  helpdesk: embeddedSchema,
});
export type TenantConfig = z.infer<typeof tenantSchema>;

export const configSchema = z.strictObject({
  dataDir: path.default('data'),
  /** The gateway's own host name: what apps have as "connect server". */
  hostName: z.string().min(1).max(253).default('localhost'),
  /** Default certificate; absent: a self-signed one is made once and kept in the data folder. */
  tls: certificateSchema.optional(),
  listeners: z
    .strictObject({
      /** STARTTLS */
      xmpp: listener(5222),
      /** direct TLS */
      xmppTls: listener(5223),
      web: listener(8080),
      webTls: listener(8443),
      /** health and metrics: not for the public */
      operations: listener(9090).prefault({ host: '127.0.0.1' }),
    })
    .prefault({}),
  /** Addresses (CIDR) of proxies whose `X-Forwarded-For` is believed. */
  trustedProxies: z.array(z.string()).default([]),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  limits: limitsSchema,
  tenants: z.array(tenantSchema),
});
export type Config = z.infer<typeof configSchema>;
