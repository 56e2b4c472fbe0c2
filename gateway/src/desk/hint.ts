import type { Desk } from './state.ts';

/** What a command would show as well; nothing where that command is switched off. Begins with a blank. */
export function hint({ settings }: Desk, command: string, shows: string): string {
  return settings.off.has(command) ? '' : ` $${command} shows ${shows}.`;
}
