import type { XmlElement } from '../element.ts';
import { POST_AUTH_LIMITS, type ParserLimits } from '../limits.ts';
import { serialize } from '../serialize.ts';
import { StreamError } from '../stream-error.ts';
import { StreamParser } from '../stream-parser.ts';

/** The start of a client's stream. */
export const HEADER =
  "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='acme.example' version='1.0'>";

/** What a handler was told of a stream, in order, and how it ended. */
export interface Reading {
  readonly events: string[];
  readonly elements: XmlElement[];
  readonly condition: string | undefined;
}

/** Gives the chunks to a parser. */
export function readStream(chunks: Iterable<Uint8Array>, limits: ParserLimits = POST_AUTH_LIMITS): Reading {
  const events: string[] = [];
  const elements: XmlElement[] = [];
  const parser = new StreamParser(
    {
      header: (header) => events.push(`header to ${header.attrs['to'] ?? 'nobody'}`),
      element(element, bytes) {
        events.push(`${bytes} ${serialize(element)}`);
        elements.push(element);
      },
      end: () => events.push('end'),
    },
    limits,
  );
  try {
    for (const chunk of chunks) parser.write(chunk);
  } catch (error) {
    if (!(error instanceof StreamError)) throw error;
    return { events, elements, condition: error.condition };
  }
  return { events, elements, condition: undefined };
}

export const octets = (text: string | Uint8Array): Uint8Array =>
  typeof text === 'string' ? Buffer.from(text) : Buffer.from(text);

/** Cut into chunks of `size` octets. */
export function* inChunks(whole: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < whole.length; at += size) yield whole.subarray(at, at + size);
}
