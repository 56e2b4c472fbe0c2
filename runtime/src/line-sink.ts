import sonic from 'sonic-boom';

/** Where log lines go. */
export interface LineSink {
  /** Takes a whole line with its end. Never blocks and never throws: what the reader is too slow for is dropped. */
  write(line: string): void;
  /** Lines dropped so far. */
  readonly dropped: number;
  /** Resolves when everything is written, or when `ms` have passed. */
  close(ms: number): Promise<void>;
}

/** 1 MiB: some thousand lines that wait for a slow reader. */
const MOST_WAITING = 1_048_576;

/** Writes to an open file descriptor in the background, so that a reader that stops reading stops nothing else. */
export function fileSink(descriptor: number): LineSink {
  let dropped = 0;
  let idle = true;
  // `process.stderr` would write to pipes and terminals synchronously
  const file = new sonic.SonicBoom({ fd: descriptor, sync: false, maxLength: MOST_WAITING });
  file.on('drop', () => {
    dropped++;
  });
  file.on('drain', () => {
    idle = true;
  });
  // the reader is gone: there is nobody left to tell
  file.on('error', () => {
    dropped++;
    idle = true;
  });
  return {
    write: (line) => {
      idle = false;
      file.write(line);
    },
    get dropped() {
      return dropped;
    },
    close: async (ms) =>
      new Promise((resolve) => {
        if (idle) {
          resolve();
          return;
        }
        const giveUp = setTimeout(resolve, ms);
        const done = () => {
          clearTimeout(giveUp);
          resolve();
        };
        file.once('drain', done);
        file.once('error', done);
      }),
  };
}
