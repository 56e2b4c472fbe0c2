/** How files of each kind begin. */
export type Beginning =
  | 'png'
  | 'jpeg'
  | 'gif'
  | 'webp'
  | 'avif'
  | 'pdf'
  | 'text'
  | 'zip'
  | 'compound'
  | 'rtf'
  | 'mp3'
  | 'mp4'
  | 'ogg'
  | 'wav'
  | 'matroska'
  | 'flac';

const latin = (bytes: Uint8Array, from: number, to: number) => Buffer.from(bytes.subarray(from, to)).toString('latin1');
const starts = (text: string) => (bytes: Uint8Array) => latin(bytes, 0, text.length) === text;
const either =
  (...tests: readonly ((bytes: Uint8Array) => boolean)[]) =>
  (bytes: Uint8Array) =>
    tests.some((test) => test(bytes));
const riff = (form: string) => (bytes: Uint8Array) => starts('RIFF')(bytes) && latin(bytes, 8, 12) === form;
/** The major brand of an ISO base media file. */
const brand = (bytes: Uint8Array) => (latin(bytes, 4, 8) === 'ftyp' ? latin(bytes, 8, 12) : '');
const PICTURE_BRANDS = ['avif', 'avis', 'heic', 'heix', 'hevc', 'mif1', 'msf1'];
const BYTE_ORDERS = ['\xff\xfe', '\xfe\xff'];

const tests: Readonly<Record<Beginning, (bytes: Uint8Array) => boolean>> = {
  png: starts('\x89PNG\r\n\x1a\n'),
  jpeg: starts('\xff\xd8\xff'),
  gif: either(starts('GIF87a'), starts('GIF89a')),
  webp: riff('WEBP'),
  avif: (bytes) => ['avif', 'avis', 'mif1'].includes(brand(bytes)),
  pdf: starts('%PDF-'),
  // only UTF-16 has zeros in it, and says so
  text: (bytes) => BYTE_ORDERS.includes(latin(bytes, 0, 2)) || !bytes.includes(0),
  zip: either(starts('PK\x03\x04'), starts('PK\x05\x06')),
  compound: starts('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'),
  rtf: starts('{\\rtf'),
  mp3: either(starts('ID3'), ([first = 0, second = 0]) => first === 0xff && (second & 0xe0) === 0xe0),
  mp4: (bytes) => brand(bytes) !== '' && !PICTURE_BRANDS.includes(brand(bytes)),
  ogg: starts('OggS'),
  wav: riff('WAVE'),
  matroska: starts('\x1a\x45\xdf\xa3'),
  flac: starts('fLaC'),
};

export function beginsLike(beginning: Beginning, bytes: Uint8Array): boolean {
  return tests[beginning](bytes);
}
