import type { ServerCertificate } from './certificates.ts';

/** The tenant that all tests use. Its domain leads to loopback for the clients of a test only. */
export const DOMAIN = 'acme.chat.test';
/** The gateway’s own name, for the server field of an app. */
export const HOST = 'gateway.chat.test';
export const VISITORS = `visitors.${DOMAIN}`;

export interface StaffMember {
  readonly username: string;
  readonly name: string;
  readonly password: string;
  readonly teams: readonly string[];
}

export const jesse: StaffMember = {
  username: 'jesse',
  name: 'Jesse Miller',
  password: 'correct horse 1',
  teams: ['sales', 'support'],
};
export const varun: StaffMember = {
  username: 'varun',
  name: 'Varun Rao',
  password: 'battery staple 2',
  teams: ['sales'],
};

export type RingStrategy = 'round-robin' | 'open-queue';

export interface Ports {
  readonly xmpp: number;
  readonly xmppTls: number;
  readonly web: number;
  readonly webTls: number;
  readonly operations: number;
}

export interface HelpdeskOptions {
  readonly dataDir: string;
  readonly ports: Ports;
  /** Of the gateway. */
  readonly tls: ServerCertificate;
  readonly tenantTls: ServerCertificate;
  readonly ring: RingStrategy;
  /** By username, made with `gateway staff hash`. */
  readonly hashes: ReadonlyMap<string, string>;
}

/** A configuration file: JSON is YAML. */
export function configuration({ dataDir, ports, tls, tenantTls, ring, hashes }: HelpdeskOptions): string {
  const on = (port: number) => ({ host: '127.0.0.1', port });
  const config = {
    dataDir,
    hostName: HOST,
    tls,
    listeners: {
      xmpp: on(ports.xmpp),
      xmppTls: on(ports.xmppTls),
      web: on(ports.web),
      webTls: on(ports.webTls),
      operations: on(ports.operations),
    },
    logLevel: 'debug',
    tenants: [
      {
        domain: DOMAIN,
        name: 'Acme',
        publicUrl: `https://${DOMAIN}:${ports.webTls}`,
        timeZone: 'UTC',
        tls: tenantTls,
        helpdesk: {
          kind: 'embedded',
          teams: [
            { id: 'sales', name: 'Sales' },
            { id: 'support', name: 'Support' },
          ],
          staff: [jesse, varun].map(({ username, name, teams }) => ({
            username,
            name,
            teams,
            permissions: ['observe'],
            hash: hashes.get(username),
          })),
          ring: { strategy: ring },
        },
      },
    ],
  };
  return JSON.stringify(config, undefined, 2);
}
