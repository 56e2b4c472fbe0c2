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
  readonly names: readonly string[];
  /** Where the names lead; default 127.0.0.1. */
  readonly address?: string;
  /** A name server of its own, on port 53 of this address. */
  readonly nameServer?: string;
  /** For programs that refuse to be run by root. Files stay those of who runs the test. */
  readonly unprivileged?: boolean;
  /** PEM texts of what the system trusts; nothing else is trusted by it. */
  readonly trusted: readonly string[];
}

const INSIDE = `
mount --bind "$1/hosts" /etc/hosts
mount --bind "$1/certs" /etc/ssl/certs
if [ -e "$1/resolv.conf" ]; then mount --bind "$1/resolv.conf" /etc/resolv.conf; fi
shift
exec "$@"`;

/** Makes the files in `folder`, an own folder of one client. */
export async function makeSurroundings(folder: string, options: SurroundingsOptions): Promise<Surroundings> {
  const certs = join(folder, 'certs');
  await mkdir(certs, { recursive: true });
  const { names, address = '127.0.0.1', nameServer } = options;
  await writeFile(join(folder, 'hosts'), `127.0.0.1 localhost\n${address} ${names.join(' ')}\n`);
  if (nameServer !== undefined) await writeFile(join(folder, 'resolv.conf'), `nameserver ${nameServer}\n`);
  await writeFile(join(certs, 'ca-certificates.crt'), options.trusted.join('\n'));
  await Promise.all(options.trusted.map((pem, index) => writeFile(join(certs, `test-ca-${index}.pem`), pem)));
  // a process namespace of its own: what the client starts ends with it
  const namespaces = process.getuid?.() === 0 ? ['--mount'] : ['--mount', '--map-root-user'];
  const user = options.unprivileged === true ? ['unshare', '--user', '--map-user=1000', '--map-group=1000', '--'] : [];
  return {
    command: ['unshare', ...namespaces, '--pid', '--kill-child', '--', 'sh', '-ec', INSIDE, 'sh', folder, ...user],
  };
}

/** Put between that and the command of a program that refuses to run as root: it is a user then, with the same files. */
export const asUser: readonly string[] = ['unshare', '--user', '--map-user=1000', '--map-group=1000', '--'];
