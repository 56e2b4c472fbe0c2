/** One log line for a person at a terminal, made from the line for machines. */
const LEVELS: Readonly<Record<number, readonly [word: string, color: string]>> = {
  20: ['debug', '\u001b[2m'],
  30: ['info ', '\u001b[32m'],
  40: ['warn ', '\u001b[33m'],
  50: ['error', '\u001b[31m'],
};
const RESET = '\u001b[0m';
const DIM = '\u001b[2m';
const OMITTED = new Set(['level', 'time', 'msg', 'stack']);

/** What came from elsewhere must not move the cursor or begin a line of its own. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => {
    return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
  });
}

function shown(value: unknown): string {
  if (typeof value === 'string') return /^[^\s"=]+$/u.test(value) ? printable(value) : JSON.stringify(printable(value));
  if (typeof value === 'object' && value !== null && 'message' in value) return shown(value.message);
  return printable(JSON.stringify(value) ?? '');
}

function stackOf(value: unknown): string {
  if (typeof value !== 'object' || value === null || !('stack' in value) || typeof value.stack !== 'string') return '';
  return value.stack
    .split('\n')
    .slice(1)
    .map((line) => `\n    ${printable(line.trim())}`)
    .join('');
}

export function prettyLine(json: string, color: boolean): string {
  const line = JSON.parse(json) as Readonly<Record<string, unknown>>;
  const [word, paint] = LEVELS[Number(line['level'])] ?? ['     ', ''];
  const time = new Date(Number(line['time'])).toTimeString().slice(0, 8);
  const facts = Object.entries(line).filter(([name]) => !OMITTED.has(name));
  const said = facts.map(([name, value]) => `${name}=${shown(value)}`).join(' ');
  const stack = facts.map(([, value]) => stackOf(value)).join('');
  const message = printable(typeof line['msg'] === 'string' ? line['msg'] : '');
  if (!color) return `${time} ${word} ${message}${said === '' ? '' : `  ${said}`}${stack}\n`;
  return `${DIM}${time}${RESET} ${paint}${word}${RESET} ${message}${said === '' ? '' : `  ${DIM}${said}${RESET}`}${stack}\n`;
}
