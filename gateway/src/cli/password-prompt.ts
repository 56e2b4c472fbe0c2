import { isUtf8 } from 'node:buffer';
import type { ReadStream } from 'node:tty';

/** Longer ones are not passwords that a person types, and the helpdesk refuses them. */
const MOST_BYTES = 1_024;

export class PromptError extends Error {}

/** Reads one line of a pipe: everything before its end. */
async function firstLine(input: AsyncIterable<Buffer | string>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of input) {
    const bytes = Buffer.from(chunk);
    chunks.push(bytes);
    size += bytes.length;
    if (bytes.includes(0x0a) || size > MOST_BYTES + 2) break;
  }
  const bytes = Buffer.concat(chunks);
  if (!isUtf8(bytes)) throw new PromptError('what was given is not UTF-8');
  return bytes.toString().split(/\r?\n/u, 1)[0] ?? '';
}

/** Asks at a terminal and shows nothing of the answer. */
async function hidden(input: ReadStream, say: (text: string) => void, question: string): Promise<string> {
  say(question);
  input.setRawMode(true);
  input.setEncoding('utf8');
  input.resume();
  try {
    return await new Promise<string>((resolve, reject) => {
      let typed: string[] = [];
      const onData = (text: string) => {
        for (const character of text) {
          switch (character) {
            case '\r':
            case '\n':
            case '\u0004':
              input.off('data', onData);
              resolve(typed.join(''));
              return;
            case '\u0003':
              input.off('data', onData);
              reject(new PromptError('stopped'));
              return;
            case '\u0015':
              typed = [];
              break;
            case '\b':
            case '\u007f':
              typed.pop();
              break;
            default:
              if (typed.length < MOST_BYTES) typed.push(character);
          }
        }
      };
      input.on('data', onData);
    });
  } finally {
    input.setRawMode(false);
    input.pause();
    say('\n');
  }
}

/** A password from the terminal (asked for twice, not shown) or, where there is none, the first line of the input. */
export async function askPassword(
  input: ReadStream | (AsyncIterable<Buffer | string> & { readonly isTTY?: false }),
  say: (text: string) => void,
): Promise<string> {
  let password: string;
  if (input.isTTY === true) {
    password = await hidden(input, say, 'Password: ');
    if ((await hidden(input, say, 'The same again: ')) !== password) throw new PromptError('the two are not the same');
  } else {
    password = await firstLine(input);
  }
  if (password === '') throw new PromptError('an empty password is none');
  if (Buffer.byteLength(password) > MOST_BYTES) throw new PromptError(`more than ${MOST_BYTES} bytes are too many`);
  return password;
}
