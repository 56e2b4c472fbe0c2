import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FILE_TYPES } from '../../../config/file-types.ts';
import { extensionsOf, isLike, typeOf } from './types.ts';

const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';

describe('the type of a file', () => {
  const cases: Record<string, [said: string | undefined, name: string, type: string | undefined]> = {
    'is what is said': ['image/png', 'a.png', 'image/png'],
    'is said with parameters and in capitals': ['Text/Plain; charset=UTF-8', 'a.txt', 'text/plain'],
    'is said by another name': ['image/jpg', 'a.jpg', 'image/jpeg'],
    'comes of the name when nothing is said': [undefined, 'Report.PDF', 'application/pdf'],
    'comes of the name when nothing much is said': ['application/octet-stream', 'a.mp3', 'audio/mpeg'],
    'comes of the name when nothing is in what is said': ['', 'a.gif', 'image/gif'],
    'comes of the name where both begin in the same way': ['application/zip', 'a.docx', DOCX],
    'of a table said to be a text is a table': ['text/plain', 'a.csv', 'text/csv'],
    'of a sound said to be a film is a sound': ['video/mp4', 'a.m4a', 'audio/mp4'],
    'is what is said when the name says something else': ['application/pdf', 'a.png', 'application/pdf'],
    'is what is said when the name says nothing': ['image/png', 'screenshot', 'image/png'],
    'of a page is none': ['text/html', 'a.txt', undefined],
    'of a page by its name is none': [undefined, 'a.html', undefined],
    'of a drawing that can run scripts is none': ['image/svg+xml', 'a.svg', undefined],
    'of XML is none': ['application/xml', 'a.xml', undefined],
    'of a script is none': ['text/javascript', 'a.js', undefined],
    'of a program is none': ['application/x-msdownload', 'a.exe', undefined],
    'of a program by its name is none': ['application/octet-stream', 'invoice.pdf.exe', undefined],
    'without name and type is none': [undefined, 'README', undefined],
    'said in a strange way is none': ['constructor', 'a.png', undefined],
    'with a strange extension is none': [undefined, 'a.__proto__', undefined],
  };
  for (const [sentence, [said, name, type]] of Object.entries(cases)) {
    it(sentence, () => {
      assert.equal(typeOf(said, name), type);
    });
  }

  it('has extensions of its own', () => {
    const all = FILE_TYPES.flatMap((type) => extensionsOf(type));
    assert.equal(new Set(all).size, all.length);
    for (const type of FILE_TYPES) assert.equal(typeOf(undefined, `a.${extensionsOf(type)[0]}`), type);
  });
  it('none of which a browser takes for a page, nor a system for a program', () => {
    for (const type of FILE_TYPES) assert.doesNotMatch(type, /html|xml$|svg|script|executable/u);
    const runs = ['html', 'htm', 'svg', 'xml', 'js', 'exe', 'bat', 'sh', 'jar', 'docm', 'xlsm', 'lnk', 'hta', 'iso'];
    const all = new Set(FILE_TYPES.flatMap((type) => extensionsOf(type)));
    assert.deepEqual(
      runs.filter((extension) => all.has(extension)),
      [],
    );
  });
});

describe('the beginning of a file', () => {
  const bytes = (text: string) => Buffer.from(text, 'latin1');
  const MP4 = bytes('\0\0\0\x20ftypisom\0\0\x02\0isomiso2');
  const begins = {
    'image/png': bytes('\x89PNG\r\n\x1a\n\0\0\0\rIHDR'),
    'image/jpeg': bytes('\xff\xd8\xff\xe0\0\x10JFIF'),
    'image/gif': bytes('GIF89a\x01\0'),
    'image/webp': bytes('RIFF\x24\0\0\0WEBPVP8 '),
    'image/avif': bytes('\0\0\0\x20ftypavif\0\0\0\0'),
    'application/pdf': bytes('%PDF-1.7\n'),
    'text/plain': bytes('Hello, \xc3\xbc'),
    'text/csv': bytes('a;b\r\n1;2'),
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document': bytes('PK\x03\x04\x14\0'),
    'application/zip': bytes('PK\x05\x06'),
    'application/msword': bytes('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0'),
    'application/rtf': bytes('{\\rtf1\\ansi'),
    'audio/mpeg': bytes('ID3\x03\0'),
    'audio/mp4': MP4,
    'audio/ogg': bytes('OggS\0\x02'),
    'audio/wav': bytes('RIFF\x24\0\0\0WAVEfmt '),
    'audio/webm': bytes('\x1a\x45\xdf\xa3\x9f'),
    'audio/flac': bytes('fLaC\0\0'),
    'video/mp4': MP4,
    'video/webm': bytes('\x1a\x45\xdf\xa3\x9f'),
  } as const;
  for (const [type, beginning] of Object.entries(begins)) {
    it(`of ${type} is known`, () => {
      assert.ok(isLike(type as keyof typeof begins, beginning));
    });
  }

  const wrong: Record<string, [type: keyof typeof begins, beginning: Buffer]> = {
    'of a page is no picture': ['image/png', bytes('<!doctype html><script>')],
    'of a page is no document': ['application/pdf', bytes('<html>%PDF-1.7')],
    'of a program is no picture': ['image/jpeg', bytes('MZ\x90\0')],
    'of a program is no text': ['text/plain', bytes('MZ\x90\0\x03\0')],
    'of a program is no archive': ['application/zip', bytes('\x7fELF')],
    'of a picture is no other picture': ['image/gif', begins['image/png']],
    'of a sound is no picture': ['image/webp', begins['audio/wav']],
    'of a film is no picture': ['image/avif', MP4],
    'of a picture is no film': ['video/mp4', begins['image/avif']],
    'that is shorter than what is looked for is none': ['image/png', bytes('\x89PN')],
    'that is not there is none': ['application/pdf', bytes('')],
  };
  for (const [sentence, [type, beginning]] of Object.entries(wrong)) {
    it(sentence, () => {
      assert.equal(isLike(type, beginning), false);
    });
  }
  it('of a text in UTF-16 says so', () => {
    assert.ok(isLike('text/plain', Buffer.from('\ufeffHello', 'utf16le')));
    assert.equal(isLike('text/plain', Buffer.from('Hello', 'utf16le')), false);
  });
});
