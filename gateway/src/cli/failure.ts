/** Why the gateway cannot start, and what to do: one line for a person. Exit status 1. */
export class Failure extends Error {}
