import { readFileSync, type Stats, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { SecureContext } from 'node:tls';
import type { Cancel, Clock, Logger } from '@chat-gateway/runtime';
import type { CertificateConfig } from '../config/schema.ts';
import type { Tenant, Tenants } from '../config/tenants.ts';
import { canonicalDomain } from '../xmpp/jid.ts';
import { type Certificate, type Pem, readCertificate } from './certificate.ts';

/** Each costs 26 KB and 1.4 ms. */
const KEPT = 2_000;
/**
 * How often the files are looked at. Asking sees every way of replacing them: links to another folder (certbot), a
 * folder that is exchanged (Kubernetes), a file system that tells nobody.
 */
const LOOK_EVERY = 2_000;

export interface TlsContextsDeps {
  readonly tenants: Tenants;
  /** The gateway's own host name. */
  readonly hostName: string;
  /** For the gateway's own name, for unknown names, and for tenants without a certificate. */
  readonly fallback: CertificateConfig;
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: (bytes: number) => Uint8Array;
  /** Certificates kept at a time. */
  readonly kept?: number;
}

interface Loaded {
  readonly pem: Pem;
  readonly certificate: Certificate;
}

type ServerNameCallback = (serverName: string, done: (error: Error | null, context?: SecureContext) => void) => void;

/** What a handshake was about: by which name the app came, and what it was told before. */
export interface Handshake {
  readonly serverName: string | undefined;
  /** `to` of the stream that STARTTLS began on. */
  readonly streamTo?: string | undefined;
}

/**
 * Certificates by server name, made at first use. Files that change are read again; a pair that is no good
 * changes nothing but a warning and a number.
 */
export class TlsContexts {
  readonly #deps: TlsContextsDeps;
  readonly #hostName: string;
  readonly #ticketKeys: Buffer;
  /** By its two paths; the last used one is last. */
  readonly #loaded = new Map<string, Loaded>();
  readonly #pairs = new Map<string, CertificateConfig>();
  /** What the files of each pair that was read, good or not, looked like: then, and at the last look. */
  readonly #files = new Map<string, { readonly pair: CertificateConfig; read: string; seen: string }>();
  readonly #bad = new Set<string>();
  #webNames: ReadonlyMap<string, Tenant> | undefined;
  /** By the stream that STARTTLS was asked for on: the domain of a tenant. */
  readonly #callbacks = new Map<string | undefined, ServerNameCallback>();
  readonly #stopListening: () => void;
  #look: Cancel | undefined;
  #isClosed = false;

  /** @throws CertificateError, or the error of a file, when the fallback cannot be used */
  constructor(deps: TlsContextsDeps) {
    this.#deps = deps;
    this.#hostName = canonicalDomain(deps.hostName) ?? deps.hostName;
    // one set of keys, so that a ticket is good whatever certificate was shown
    this.#ticketKeys = Buffer.from(deps.random(48));
    this.#certificateOf(undefined);
    this.#stopListening = deps.tenants.onChange(() => {
      this.#webNames = undefined;
      this.#callbacks.clear();
      this.#forgetUnnamed();
    });
    this.#lookLater();
  }

  /** For a handshake; `streamTo` speaks for apps that send no server name on STARTTLS. */
  forServerName(serverName: string | undefined, streamTo?: string): SecureContext {
    return this.certificateFor({ serverName, streamTo }).context;
  }

  /** Gives handshakes their certificate: one callback for all that are alike, as each connection keeps it. */
  callbackFor(streamTo: string | undefined): ServerNameCallback {
    const known = this.#callbacks.get(streamTo);
    if (known !== undefined) return known;
    const made: ServerNameCallback = (serverName, done) => {
      try {
        done(null, this.forServerName(serverName, streamTo));
      } catch (cause) {
        done(cause instanceof Error ? cause : new Error('no certificate'));
      }
    };
    this.#callbacks.set(streamTo, made);
    return made;
  }

  certificateFor({ serverName, streamTo }: Handshake): Certificate {
    const name = serverName === undefined || serverName === '' ? streamTo : (canonicalDomain(serverName) ?? '');
    const tenant = name === undefined || name === this.#hostName ? undefined : this.#tenantOf(name);
    return this.#certificateOf(tenant?.config.tls);
  }

  /**
   * Whether a stream for this tenant may go over a connection that was secured so. The tenant is chosen by the
   * stream alone; but who came by another tenant's name has seen another tenant's certificate.
   *
   * COMPAT(Pidgin, Adium: they send the name of the "connect server", not of the account)
   */
  allows(handshake: Handshake, domain: string): boolean {
    const { serverName, streamTo } = handshake;
    const name = serverName === undefined || serverName === '' ? streamTo : canonicalDomain(serverName);
    if (name === undefined || name === domain) return true;
    const byName = this.#deps.tenants.find(name);
    if (byName === undefined || (name === this.#hostName && serverName !== undefined)) return true;
    return this.certificateFor(handshake).covers(domain);
  }

  /** SHA-256 of the fallback certificate. */
  fingerprint(): string {
    return this.#certificateOf(undefined).fingerprint;
  }

  /** Pairs that cannot be used now: an alarm. */
  get bad(): number {
    return this.#bad.size;
  }

  /** Certificates that are ready for handshakes, the fallback among them. */
  get size(): number {
    return this.#loaded.size;
  }

  /** Reads all files again; what is no good keeps what was there. */
  reload(): void {
    for (const id of this.#bad) if (!this.#loaded.has(id)) this.#bad.delete(id);
    for (const [id, before] of [...this.#loaded]) {
      const pair = this.#pairs.get(id);
      if (pair === undefined) continue;
      try {
        const pem = readPem(pair);
        if (pem.certificate === before.pem.certificate && pem.key === before.pem.key) {
          this.#bad.delete(id);
          continue;
        }
        const certificate = readCertificate(pem, this.#ticketKeys);
        if (certificate.expires <= this.#deps.clock.now()) throw new Error('the certificate has expired');
        this.#loaded.set(id, { pem, certificate });
        this.#bad.delete(id);
        this.#deps.log.info({ certificate: pair.certificate }, 'certificate replaced');
      } catch (cause) {
        this.#warn(id, pair, cause, 'new certificate is not used, the old one stays');
      }
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#stopListening();
    this.#look?.();
  }

  #tenantOf(name: string): Tenant | undefined {
    const { tenants } = this.#deps;
    const byDomain = tenants.find(name);
    if (byDomain !== undefined) return byDomain;
    if (this.#webNames === undefined) {
      const names = new Map<string, Tenant>();
      for (const tenant of tenants.list()) {
        const { publicUrl } = tenant.config;
        if (publicUrl !== undefined) names.set(new URL(publicUrl).hostname, tenant);
      }
      this.#webNames = names;
    }
    return this.#webNames.get(name);
  }

  #certificateOf(pair: CertificateConfig | undefined): Certificate {
    const wanted = pair ?? this.#deps.fallback;
    const id = idOf(wanted);
    const known = this.#loaded.get(id);
    if (known !== undefined) {
      this.#loaded.delete(id);
      this.#loaded.set(id, known);
      return known.certificate;
    }
    // no second look at each handshake: a change of the files brings one
    if (pair !== undefined && this.#bad.has(id)) return this.#certificateOf(undefined);
    const now = pathsOf(wanted).map(looksNow);
    this.#files.set(id, { pair: wanted, read: now.join(), seen: now.join() });
    try {
      return this.#keep(wanted, this.#read(wanted)).certificate;
    } catch (cause) {
      if (pair === undefined) throw cause;
      this.#warn(id, wanted, cause, 'certificate cannot be used, the default one is shown instead');
      return this.#certificateOf(undefined);
    }
  }

  #read(pair: CertificateConfig): Loaded {
    const pem = readPem(pair);
    const certificate = readCertificate(pem, this.#ticketKeys);
    // better than none: apps say what is wrong with it
    if (certificate.expires <= this.#deps.clock.now())
      this.#deps.log.warn({ certificate: pair.certificate }, 'certificate has expired');
    return { pem, certificate };
  }

  #keep(pair: CertificateConfig, loaded: Loaded): Loaded {
    const id = idOf(pair);
    this.#loaded.set(id, loaded);
    this.#pairs.set(id, pair);
    this.#bad.delete(id);
    const fallback = idOf(this.#deps.fallback);
    for (const oldest of this.#loaded.keys()) {
      if (this.#loaded.size <= (this.#deps.kept ?? KEPT)) break;
      if (oldest !== fallback) this.#forget(oldest);
    }
    return loaded;
  }

  /** Of a pair that nobody names any more nothing can be wrong. */
  #forgetUnnamed(): void {
    const { tenants, fallback } = this.#deps;
    const named = new Set([idOf(fallback), ...tenants.list().map(({ config: { tls } }) => tls && idOf(tls))]);
    for (const id of this.#files.keys()) if (!named.has(id)) this.#forget(id);
  }

  #forget(id: string): void {
    this.#loaded.delete(id);
    this.#pairs.delete(id);
    this.#files.delete(id);
    this.#bad.delete(id);
  }

  #warn(id: string, pair: CertificateConfig, cause: unknown, message: string): void {
    // once, not at every handshake
    if (this.#bad.has(id)) return;
    this.#bad.add(id);
    const why = cause instanceof Error ? cause.message : String(cause);
    this.#deps.log.warn({ certificate: pair.certificate, key: pair.key, why }, message);
  }

  #lookLater(): void {
    if (this.#isClosed) return;
    this.#look = this.#deps.clock.after(LOOK_EVERY, () => {
      this.#lookAtFiles()
        .catch((cause: unknown) => {
          this.#deps.log.error({ err: cause }, 'certificates could not be looked at');
        })
        .finally(() => {
          this.#lookLater();
        });
    });
  }

  async #lookAtFiles(): Promise<void> {
    let hasChanged = false;
    for (const [id, files] of this.#files) {
      if (!this.#loaded.has(id) && !this.#bad.has(id)) this.#files.delete(id);
      const stats = await Promise.all(pathsOf(files.pair).map((path) => stat(path).catch(() => undefined)));
      const now = stats.map(looks).join();
      // the same twice: nobody is still writing
      if (now === files.seen && now !== files.read) {
        files.read = now;
        hasChanged = true;
      }
      files.seen = now;
    }
    if (hasChanged && !this.#isClosed) this.reload();
  }
}

const pathsOf = ({ certificate, key }: CertificateConfig): readonly string[] => [certificate, key];

const looks = (file: Stats | undefined): string =>
  file === undefined ? 'missing' : `${file.mtimeMs} ${file.ctimeMs} ${file.size} ${file.ino}`;

function looksNow(path: string): string {
  try {
    return looks(statSync(path));
  } catch {
    // missing, or not for us: reading it says why
    return looks(undefined);
  }
}

const idOf = (pair: CertificateConfig): string => `${pair.certificate}\0${pair.key}`;

function readPem(pair: CertificateConfig): Pem {
  return { certificate: readFileSync(pair.certificate, 'utf8'), key: readFileSync(pair.key, 'utf8') };
}
