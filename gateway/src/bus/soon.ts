/** What a bus over a network can only promise, and one in the same process often has: then nobody waits a turn for it. */
export type Soon<T> = T | Promise<T>;

/** Goes on with a value: at once where it is there. What `go` throws then is thrown here. */
export function whenThere<T, R>(value: Soon<T>, go: (value: T) => Soon<R>): Soon<R> {
  return value instanceof Promise ? value.then(go) : go(value);
}
