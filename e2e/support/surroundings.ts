import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * What a client finds on "its" machine: names that lead to the gateway, and the certificate authorities that
 * the whole system trusts. Made by mounts that only this client sees; the real machine stays as it is.
 */
export interface Surroundings {
  /** Put before a command. */
  readonly command: readonly string[];
}

export interface SurroundingsOptions {
  /** Names that lead to loopback. */
  readonly names: readonly string[];
  /** PEM texts of what the system trusts; nothing else is trusted by it. */
  readonly trusted: readonly string[];
}

const INSIDE = `
mount --bind "$1/hosts" /etc/hosts
mount --bind "$1/certs" /etc/ssl/certs
shift
exec "$@"`;

/** Makes the files in `folder`, an own folder of one client. */
export async function makeSurroundings(folder: string, options: SurroundingsOptions): Promise<Surroundings> {
  const certs = join(folder, 'certs');
  await mkdir(certs, { recursive: true });
  await writeFile(join(folder, 'hosts'), `127.0.0.1 localhost ${options.names.join(' ')}\n`);
  await writeFile(join(certs, 'ca-certificates.crt'), options.trusted.join('\n'));
  await Promise.all(options.trusted.map((pem, index) => writeFile(join(certs, `test-ca-${index}.pem`), pem)));
  // a process namespace of its own: what the client starts ends with it
  const namespaces = process.getuid?.() === 0 ? ['--mount'] : ['--mount', '--map-root-user'];
  return {
    command: ['unshare', ...namespaces, '--pid', '--kill-child', '--', 'sh', '-ec', INSIDE, 'sh', folder],
  };
}
