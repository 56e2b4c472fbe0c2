import type { StreamError } from '../xmpp/stream-error.ts';

/** Why a connection is closed without a stream error, so that its session can be resumed. */
export type DropReason = 'silent' | 'slow' | 'unacknowledged' | 'superseded';

/** A connection, as its session sees it. */
export interface Wire {
  write(text: string): void;
  /** Bytes that the socket has not taken yet. */
  readonly waiting: number;
  /** False: nothing is read until it is true again. */
  setReading(on: boolean): void;
  /** Whether anything comes from the app within `ms`. */
  hearsWithin(ms: number): Promise<boolean>;
  /** Ends the stream; `logout`: the session is over. */
  close(error: StreamError | undefined, logout: boolean): void;
  /** Closes the socket without a word. */
  drop(reason: DropReason): void;
}
