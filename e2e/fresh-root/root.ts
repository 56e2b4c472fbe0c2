import { execFile } from 'node:child_process';
import { chmod, copyFile, cp, mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SUITE = 'bookworm';
/** Debian's own is older than what the gateway supports. */
const NODE_MAJOR = 20;

/** A new Debian 12 with Node 20 and npm, in a folder. */
export interface FreshRoot {
  readonly path: string;
  /** Where Node came from. */
  readonly node: string;
  /** Puts a command into this root, with its own processes; with `network: 'none'` also its own loopback, and nothing else. */
  inside(command: string, options?: { readonly network?: 'none' }): readonly string[];
  remove(): Promise<void>;
}

/** The mirror that this machine itself uses. */
async function mirror(): Promise<string> {
  const lists = '/etc/apt/sources.list.d';
  const names = (await readdir(lists).catch(() => [])).map((name) => join(lists, name));
  for (const name of ['/etc/apt/sources.list', ...names]) {
    if (!/\.(?:list|sources)$/u.test(name)) continue;
    const text = await readFile(name, 'utf8').catch(() => '');
    const stanza = text.split(/\n\n+/u).find((part) => new RegExp(`^Suites:.*\\b${SUITE}\\b`, 'mu').test(part));
    const found =
      /^URIs:\s*(\S+)/mu.exec(stanza ?? '')?.[1] ??
      new RegExp(`^deb\\s+(?:\\[.*?\\]\\s+)?(\\S+)\\s+${SUITE}\\s`, 'mu').exec(text)?.[1];
    if (found !== undefined) return found;
  }
  throw new Error(`no mirror of Debian ${SUITE} in /etc/apt`);
}

/** The Node and npm of this machine that are not ours: the programs that a newcomer has. */
async function installNode(root: string): Promise<string> {
  const offered = await run('chroot', [root, 'apt-cache', 'policy', 'nodejs']);
  const candidate = /Candidate: (\d+)/u.exec(offered.stdout)?.[1];
  if (Number(candidate) >= NODE_MAJOR) {
    await run('chroot', [root, 'apt-get', 'install', '-y', '--no-install-recommends', 'nodejs', 'npm']);
    return `Debian's Node ${candidate}`;
  }
  const path = (process.env['PATH'] ?? '').split(':').filter((part) => !part.includes('node_modules'));
  for (const folder of path) {
    const node = join(folder, 'node');
    if ((await stat(node).catch(() => undefined))?.isFile() !== true) continue;
    const version = (await run(node, ['--version'])).stdout.trim();
    if (Number(/^v(\d+)/u.exec(version)?.[1]) < NODE_MAJOR) continue;
    const npm = join(dirname(folder), 'lib', 'node_modules', 'npm');
    const home = join(root, 'usr', 'local');
    await copyFile(node, join(home, 'bin', 'node'));
    await cp(npm, join(home, 'lib', 'node_modules', 'npm'), { recursive: true });
    await run('ln', ['-sf', '../lib/node_modules/npm/bin/npm-cli.js', join(home, 'bin', 'npm')]);
    return `the Node ${version} of this machine, since Debian ${SUITE} offers ${candidate ?? 'none'}`;
  }
  throw new Error(`no Node ${NODE_MAJOR} or newer in Debian ${SUITE} or on this machine`);
}

/** Takes about a minute. */
export async function makeFreshRoot(repository: string): Promise<FreshRoot> {
  const path = await mkdtemp(join(tmpdir(), 'chat-gateway-fresh-'));
  try {
    // libatomic1: the official builds of Node need it from 25 on
    const packages = '--include=ca-certificates,libatomic1';
    await chmod(path, 0o755);
    await run('debootstrap', ['--variant=minbase', packages, SUITE, path, await mirror()], { maxBuffer: 1 << 26 });
    const node = await installNode(path);
    // how this machine reaches the registry: names and authorities, no setting of npm's own
    for (const file of ['/etc/resolv.conf', '/etc/hosts', '/etc/ssl/certs/ca-certificates.crt']) {
      await mkdir(dirname(join(path, file)), { recursive: true });
      await copyFile(file, join(path, file));
    }
    await run('git', ['clone', '-q', `file://${repository}`, join(path, 'root', 'chat-gateway')]);
    return {
      path,
      node,
      inside: (command, { network } = {}) => enter(path, command, network === 'none'),
      remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }),
    };
  } catch (error) {
    await rm(path, { recursive: true, force: true });
    throw error;
  }
}

const INSIDE = `
mount -t proc proc "$1/proc"
mount -t sysfs -o ro sysfs "$1/sys"
mount --bind /dev "$1/dev"
test -z "$2" || ip link set lo up
exec chroot "$1" /usr/bin/env -i HOME=/root LANG=C.UTF-8 PATH=/usr/local/bin:/usr/bin:/bin \
  NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt sh -ec "cd /root/chat-gateway; $3"`;

function enter(root: string, command: string, offline: boolean): readonly string[] {
  const namespaces = ['--mount', '--pid', '--kill-child', ...(offline ? ['--net'] : [])];
  return ['unshare', ...namespaces, '--', 'sh', '-ec', INSIDE, 'sh', root, offline ? 'offline' : '', command];
}
