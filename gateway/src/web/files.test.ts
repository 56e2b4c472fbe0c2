import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { it } from 'node:test';
import { FileError, type Files } from '../helpdesk/files.ts';
import { DOWNLOADS_PER_ADDRESS } from './limits.ts';
import { openWeb } from './testing/open-web.ts';

const picture = { name: 'cat.png', type: 'image/png', size: 9, url: 'https://acme.example/files/localhost/1/cat.png' };
const refused = async (): Promise<never> => {
  throw new FileError('off');
};
/** One file, whose last byte comes when it is let. */
const slow = (last: Promise<void>): Files => ({
  rules: () => undefined,
  slot: refused,
  put: refused,
  at: refused,
  takeBack: refused,
  async get() {
    return {
      file: picture,
      etag: 'abc',
      async *read() {
        yield Buffer.from('12345678');
        await last;
        yield Buffer.from('9');
      },
    };
  },
});

it('a file that cannot be had just now can be had later: nothing keeps the refusal', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  await using web = await openWeb({ files: slow(promise) });
  const path = '/files/localhost/1/cat.png';
  const coming: Promise<unknown>[] = [];
  for (let number = 0; number < DOWNLOADS_PER_ADDRESS; number++) {
    const [response] = (await once(
      request({ host: '127.0.0.1', port: web.port, path, agent: false }).end(),
      'response',
    )) as [IncomingMessage];
    assert.equal(response.statusCode, 200);
    coming.push(once(response.resume(), 'end'));
  }
  const refusal = await web.ask(path);
  resolve();
  await Promise.all(coming);
  assert.deepEqual([refusal.status, refusal.json().error?.code], [429, 'busy']);
  assert.equal(refusal.headers['cache-control'], 'no-store');
  for (const header of ['etag', 'content-disposition', 'accept-ranges'])
    assert.equal(refusal.headers[header], undefined, header);
  assert.equal((await web.ask(path)).status, 200);
});
