import { X509Certificate, constants, createPrivateKey } from 'node:crypto';
import { type SecureContext, createSecureContext } from 'node:tls';

/** Forward secrecy and authenticated encryption only; TLS 1.3 has nothing else. [RFC9325 §4.2] */
const CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':');

/** Strong and cheap; a group of integers costs us much more than who asks for it (CVE-2002-20001). */
const GROUPS = 'X25519MLKEM768:X25519:P-256:P-384';

export interface Pem {
  readonly certificate: string;
  readonly key: string;
}

/** A certificate with its key, ready for handshakes. */
export interface Certificate {
  readonly context: SecureContext;
  /** SHA-256, as apps show it: `AB:CD:…`. */
  readonly fingerprint: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
  /** The domain is one of its subject alternative names. [RFC6125, RFC7590] */
  covers(domain: string): boolean;
}

/** Why a pair cannot be used: shown to who runs the gateway. */
export class CertificateError extends Error {}

/** @throws CertificateError */
export function readCertificate(pem: Pem, ticketKeys: Buffer): Certificate {
  let leaf: X509Certificate;
  try {
    leaf = new X509Certificate(pem.certificate);
  } catch (cause) {
    throw new CertificateError('the certificate is not readable as PEM', { cause });
  }
  let matches: boolean;
  try {
    matches = leaf.checkPrivateKey(createPrivateKey(pem.key));
  } catch (cause) {
    throw new CertificateError('the key is not readable as PEM, or has a passphrase', { cause });
  }
  if (!matches) throw new CertificateError('the key does not belong to the certificate');
  try {
    const context = createSecureContext({
      cert: pem.certificate,
      key: pem.key,
      minVersion: 'TLSv1.2',
      ciphers: CIPHERS,
      honorCipherOrder: true,
      ecdhCurve: GROUPS,
      secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
      sessionIdContext: 'chat-gateway',
      ticketKeys,
    });
    return {
      context,
      fingerprint: leaf.fingerprint256,
      expires: leaf.validToDate.getTime(),
      covers: (domain) => leaf.checkHost(domain, { subject: 'never' }) !== undefined,
    };
  } catch (cause) {
    throw new CertificateError('the certificate is not accepted for TLS', { cause });
  }
}
