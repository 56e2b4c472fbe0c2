import type { Config } from '../config/schema.ts';
import { portOptions } from './arguments.ts';
import { Failure } from './failure.ts';

type SystemError = Error & { readonly code: string; readonly port?: number; readonly address?: string };

function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}

/** The listener that wanted this port. */
function listenerOf(config: Config, port: number | undefined): keyof Config['listeners'] | undefined {
  const names = Object.keys(config.listeners) as (keyof Config['listeners'])[];
  return names.find((name) => config.listeners[name].enabled && config.listeners[name].port === port);
}

/** Known reasons for which a gateway does not start, as one line with what to do; nothing for surprises. */
export function explainFailure(error: unknown, config: Config): string | undefined {
  if (error instanceof Failure) return error.message;
  if (!isSystemError(error)) return undefined;
  const listener = listenerOf(config, error.port);
  const option = listener === undefined ? 'listeners in the configuration' : `${portOptions[listener]} N`;
  switch (error.code) {
    case 'EADDRINUSE':
      return `Port ${error.port} is taken by another program: stop that, or choose another port with ${option} (0: any free one).`;
    case 'EACCES':
      return error.port === undefined
        ? undefined
        : `This user must not open port ${error.port}: choose one above 1023 with ${option}, or give it the right to (CAP_NET_BIND_SERVICE).`;
    case 'EADDRNOTAVAIL':
      return `This machine does not have the address ${error.address ?? ''}: change "host" of listeners.${listener ?? 'xmpp'}.`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `The address of a listener cannot be found: change "host" of listeners.${listener ?? 'xmpp'}.`;
    case 'EMFILE':
      return 'Too many files are open: raise the limit (ulimit -n).';
    case 'ENOSPC':
      return `There is no space left in ${config.dataDir}.`;
    default:
      return undefined;
  }
}
