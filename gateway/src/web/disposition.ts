/**
 * `Content-Disposition` for a name of any characters [RFC6266 §4]: an approximation for old programs, and the name
 * itself [RFC8187 §3.2]. Nothing of a name can end the header or its quotes.
 */
export function contentDisposition(as: 'inline' | 'attachment', name: string): string {
  const plain = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\x20-\x7e]/gu, '_')
    .replace(/["%\\]/gu, '_');
  const exact = encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/gu,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${as}; filename="${plain}"; filename*=UTF-8''${exact}`;
}
