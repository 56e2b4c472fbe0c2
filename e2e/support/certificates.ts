import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Authority {
  readonly certificate: string;
  readonly key: string;
  readonly pem: string;
}

/** Two files, PEM. */
export interface ServerCertificate {
  readonly certificate: string;
  readonly key: string;
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** A certificate authority that nobody knows who is not told. */
export async function makeAuthority(folder: string, name: string): Promise<Authority> {
  await mkdir(folder, { recursive: true });
  const certificate = join(folder, 'ca.crt');
  const key = join(folder, 'ca.key');
  await run('openssl', [
    ...['req', '-x509', ...NEW_KEY, '-days', '2', '-subj', `/CN=${name}`, '-keyout', key, '-out', certificate],
    ...['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign,cRLSign'],
  ]);
  return { certificate, key, pem: await readFile(certificate, 'utf8') };
}

export async function issue(
  authority: Authority,
  folder: string,
  names: readonly string[],
): Promise<ServerCertificate> {
  await mkdir(folder, { recursive: true });
  const certificate = join(folder, 'server.crt');
  const key = join(folder, 'server.key');
  const request = join(folder, 'server.csr');
  const extensions = join(folder, 'server.ext');
  await writeFile(
    extensions,
    `subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n`,
  );
  await run('openssl', ['req', ...NEW_KEY, '-subj', `/CN=${names[0]}`, '-keyout', key, '-out', request]);
  await run('openssl', [
    ...['x509', '-req', '-in', request, '-CA', authority.certificate, '-CAkey', authority.key, '-CAcreateserial'],
    ...['-days', '2', '-extfile', extensions, '-out', certificate],
  ]);
  return { certificate, key };
}
