// Loaded before anything else, and by any Node: an older one cannot even read the TypeScript that would say this.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `This needs Node 22.18 or newer, and Node ${process.versions.node} is running it.\n` +
      'Run "npm ci" (without --omit=optional and --ignore-scripts): it installs Node 26 beside the other packages, and "npm start" uses that.',
  );
  process.exit(1);
}
