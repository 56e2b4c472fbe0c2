/** Waiting times that grow, so that what is down is not kept down by those who ask for it. */
export interface BackOff {
  /** Milliseconds to wait before the next try. */
  next(): number;
  /** It worked: the next wait is a first one again. */
  reset(): void;
}

export interface BackOffOptions {
  /** Milliseconds. */
  readonly first: number;
  readonly most: number;
  /** 0 (inclusive) to 1 (exclusive): spreads those that failed together. */
  readonly random: () => number;
}

/** Doubles from `first` to `most`; each wait is between half and all of that. */
export function backOff({ first, most, random }: BackOffOptions): BackOff {
  let whole = first;
  return {
    next() {
      const wait = whole / 2 + (whole / 2) * random();
      whole = Math.min(whole * 2, most);
      return Math.round(wait);
    },
    reset() {
      whole = first;
    },
  };
}
