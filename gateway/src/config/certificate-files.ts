import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Problem } from './problem.ts';
import type { CertificateConfig } from './schema.ts';

type Trouble = Pick<Problem, 'found' | 'accepted' | 'file'> & { readonly field: 'certificate' | 'key' };

/** Why a file cannot be used, in words. */
export function fileTrouble(file: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return `${file}, which does not exist`;
  if (code === 'EACCES' || code === 'EPERM') return `${file}, which this user must not read`;
  if (code === 'EISDIR') return `${file}, which is a folder`;
  return `${file}, which cannot be read (${typeof code === 'string' ? code : 'unknown reason'})`;
}

async function read(file: string): Promise<{ readonly text: string } | { readonly trouble: string }> {
  try {
    return { text: await readFile(file, 'utf8') };
  } catch (error) {
    return { trouble: fileTrouble(file, error) };
  }
}

function attempt<Result>(make: () => Result): Result | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}

/** What is wrong with a certificate and its key; nothing when a TLS server can use them. */
export async function certificateTroubles({ certificate, key }: CertificateConfig): Promise<readonly Trouble[]> {
  const [certificateFile, keyFile] = await Promise.all([read(certificate), read(key)]);
  const troubles: Trouble[] = [];
  let x509: X509Certificate | undefined;
  if ('trouble' in certificateFile) {
    troubles.push({
      field: 'certificate',
      found: certificateFile.trouble,
      accepted: 'a PEM file that can be read',
      file: true,
    });
  } else {
    x509 = attempt(() => new X509Certificate(certificateFile.text));
    if (x509 === undefined)
      troubles.push({
        field: 'certificate',
        found: `${certificate}, which holds no certificate`,
        accepted: 'a PEM file',
      });
  }
  if ('trouble' in keyFile) {
    troubles.push({ field: 'key', found: keyFile.trouble, accepted: 'a PEM file that can be read', file: true });
    return troubles;
  }
  const privateKey = attempt(() => createPrivateKey(keyFile.text));
  if (privateKey === undefined)
    troubles.push({
      field: 'key',
      found: `${key}, which holds no private key, or one with a passphrase`,
      accepted: 'a PEM file with a private key, without a passphrase',
    });
  else if (x509 !== undefined && !x509.checkPrivateKey(privateKey))
    troubles.push({ field: 'key', found: `${key}, which is not the key of ${certificate}`, accepted: 'its own key' });
  return troubles;
}
