/** Loaded before a server (`--expose-gc --import …`): SIGUSR2 collects garbage, so that memory can be compared. */
process.on('SIGUSR2', () => {
  globalThis.gc?.({ type: 'major', flavor: 'last-resort', execution: 'sync' });
});
