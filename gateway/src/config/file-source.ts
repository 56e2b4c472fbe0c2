import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { readCannedFiles } from './canned-files.ts';
import { certificateTroubles, fileTrouble } from './certificate-files.ts';
import { ConfigError, type Path, type Problem, writtenPath } from './problem.ts';
import { readConfig, type ReadOptions } from './read-config.ts';
import type { CannedText, CertificateConfig, Config, TenantConfig } from './schema.ts';

export type FileOptions = Pick<ReadOptions, 'isPasswordHash'>;

/** A path in the file is relative to the file's folder. */
function withAbsolutePaths(config: Config, folder: string): Config {
  const absolute = ({ certificate, key }: CertificateConfig) => ({
    certificate: resolve(folder, certificate),
    key: resolve(folder, key),
  });
  return {
    ...config,
    dataDir: resolve(folder, config.dataDir),
    ...(config.tls === undefined ? {} : { tls: absolute(config.tls) }),
    tenants: config.tenants.map((tenant) => ({
      ...tenant,
      ...(tenant.tls === undefined ? {} : { tls: absolute(tenant.tls) }),
      canned:
        tenant.canned.from === undefined
          ? tenant.canned
          : { ...tenant.canned, from: resolve(folder, tenant.canned.from) },
    })),
  };
}

async function fileText(file: string): Promise<string> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw new ConfigError(file, [
      { path: '', found: fileTrouble(file, error), accepted: 'a YAML file that can be read', file: true },
    ]);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ConfigError(file, [{ path: '', found: 'bytes that are no UTF-8', accepted: 'a text file in UTF-8' }]);
  }
}

/**
 * Reads a configuration file and what it names: it looks at the certificates, and takes in the canned texts.
 * @throws ConfigError with every problem at once
 */
export async function loadConfigFile(file: string, options: FileOptions): Promise<Config> {
  const { config: asWritten, locate } = readConfig(await fileText(file), { source: file, ...options });
  const config = withAbsolutePaths(asWritten, dirname(resolve(file)));
  const pairs: (readonly [Path, CertificateConfig | undefined])[] = [
    [['tls'], config.tls],
    ...config.tenants.map((tenant, index) => [['tenants', index, 'tls'], tenant.tls] as const),
  ];
  const problems: Problem[] = [];
  for (const [path, pair] of pairs) {
    if (pair === undefined) continue;
    for (const { field, ...trouble } of await certificateTroubles(pair))
      problems.push({ path: writtenPath([...path, field]), ...locate([...path, field]), ...trouble });
  }
  const tenants: TenantConfig[] = [];
  for (const [index, tenant] of config.tenants.entries()) {
    const { from, texts } = tenant.canned;
    const read = from === undefined ? undefined : await readCannedFiles(from, texts);
    const path: Path = ['tenants', index, 'canned', 'from'];
    if (read !== undefined && 'trouble' in read)
      problems.push({ path: writtenPath(path), ...locate(path), ...read.trouble });
    else tenants.push(withTexts(tenant, read?.texts ?? []));
  }
  if (problems.length > 0) throw new ConfigError(file, problems, namesOf(config, pairs));
  return { ...config, tenants };
}

function namesOf(
  { tenants }: Config,
  pairs: readonly (readonly [Path, CertificateConfig | undefined])[],
): readonly string[] {
  return [
    ...pairs.flatMap(([, pair]) => (pair === undefined ? [] : [pair.certificate, pair.key])),
    ...tenants.flatMap(({ canned }) => canned.from ?? []),
  ];
}

function withTexts(tenant: TenantConfig, texts: readonly CannedText[]): TenantConfig {
  return { ...tenant, canned: { ...tenant.canned, texts: [...tenant.canned.texts, ...texts] } };
}
