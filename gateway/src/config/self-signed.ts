/** The certificate that a gateway without one makes for itself, and keeps. */
import { X509Certificate } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import type { Logger } from '@chat-gateway/runtime';
import type { CertificateConfig } from './schema.ts';

const DAY = 86_400_000;
/** Two years: people trust it by hand, and should not have to do that often. */
const LIFETIME = 730 * DAY;
const RENEWED_BEFORE = 30 * DAY;

export interface SelfSignedOptions {
  /** Host names, domains and IP addresses; the first one is the subject. */
  readonly names: readonly string[];
  readonly now: number;
}

export interface PemPair {
  readonly certificate: string;
  readonly key: string;
}

/** Makes a key (ECDSA P-256) and a certificate for it. */
export async function makeSelfSigned({ names, now }: SelfSignedOptions): Promise<PemPair> {
  // loaded only when needed: once in two years
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [names[0] ?? 'localhost'] }, { O: ['Chat Gateway (self-signed)'] }],
    notBefore: new Date(now - DAY),
    notAfter: new Date(now + LIFETIME),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map((name) => ({ type: isIP(name) === 0 ? 'dns' : 'ip', value: name })),
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const key = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { certificate: `${certificate.toString('pem')}\n`, key: `${x509.PemConverter.encode(key, 'PRIVATE KEY')}\n` };
}

async function kept(file: string): Promise<X509Certificate | undefined> {
  try {
    return new X509Certificate(await readFile(file));
  } catch {
    return undefined;
  }
}

/** A reader sees the old file or the new one, never a part. */
async function replace(file: string, text: string, mode: number): Promise<void> {
  await writeFile(`${file}.new`, text, { mode });
  await rename(`${file}.new`, file);
}

export interface KeptOptions extends SelfSignedOptions {
  /** `names[0]` is the one that the kept certificate must have; the others are added when a new one is made. */
  readonly folder: string;
  readonly log: Logger;
}

/** The pair in the folder; made when there is none, when it ends within 30 days or does not have the first name. */
export async function keptSelfSigned({ folder, names, now, log }: KeptOptions): Promise<CertificateConfig> {
  const files = { certificate: join(folder, 'self-signed.crt'), key: join(folder, 'self-signed.key') };
  const before = await kept(files.certificate);
  const [first = 'localhost'] = names;
  const isGood =
    before !== undefined &&
    before.validToDate.getTime() > now + RENEWED_BEFORE &&
    (isIP(first) === 0 ? before.checkHost(first) : before.checkIP(first)) !== undefined &&
    (await readFile(files.key, 'utf8').catch(() => '')).includes('PRIVATE KEY');
  if (isGood) return files;
  const pair = await makeSelfSigned({ names, now });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await replace(files.key, pair.key, 0o600);
  await replace(files.certificate, pair.certificate, 0o644);
  if (before !== undefined) log.info({ file: files.certificate }, 'a new self-signed certificate replaces the old one');
  return files;
}
