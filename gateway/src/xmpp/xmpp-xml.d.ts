/** `@xmpp/xml` 0.14 ships no types: the part that `element.ts` uses. */
declare module '@xmpp/xml' {
  export const Element: unknown;
}
