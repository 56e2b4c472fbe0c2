import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { silentLogger } from '@chat-gateway/runtime';
import { certificateTroubles } from './certificate-files.ts';
import { keptSelfSigned, makeSelfSigned } from './self-signed.ts';

const folder = mkdtempSync(join(tmpdir(), 'self-signed-'));
after(() => {
  rmSync(folder, { recursive: true });
});
const now = Date.UTC(2026, 0, 5);
const day = 86_400_000;

describe('a self-signed certificate', () => {
  it('is an ECDSA P-256 one for all names and addresses, valid for two years', async () => {
    const { certificate } = await makeSelfSigned({ names: ['localhost', 'box.example', '127.0.0.1', '::1'], now });
    const x509 = new X509Certificate(certificate);
    assert.equal(x509.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1');
    assert.equal(x509.checkHost('localhost'), 'localhost');
    assert.equal(x509.checkHost('box.example'), 'box.example');
    assert.equal(x509.checkIP('127.0.0.1'), '127.0.0.1');
    assert.equal(x509.checkIP('::1'), '::1');
    assert.equal(x509.ca, false);
    assert.ok(x509.verify(x509.publicKey));
    assert.equal(x509.validToDate.getTime(), now + 730 * day);
    assert.ok(x509.validFromDate.getTime() < now);
  });

  const keep = async (names: readonly string[], at = now) => {
    const files = await keptSelfSigned({ folder: join(folder, 'tls'), names, now: at, log: silentLogger });
    return { files, text: readFileSync(files.certificate, 'utf8') };
  };
  it('is made once, kept for its user alone, and good for TLS', async () => {
    const { files, text } = await keep(['localhost']);
    assert.equal((await keep(['localhost'], now + 100 * day)).text, text);
    assert.equal(statSync(files.key).mode & 0o777, 0o600);
    assert.deepEqual(await certificateTroubles(files), []);
  });
  it('is made anew before it ends', async () => {
    const { text } = await keep(['localhost']);
    assert.equal((await keep(['localhost'], now + 699 * day)).text, text);
    const renewed = await keep(['localhost'], now + 701 * day);
    assert.notEqual(renewed.text, text);
    assert.deepEqual(await certificateTroubles(renewed.files), []);
  });
  it('is made anew when the host name is another one, not when others join it', async () => {
    const { text } = await keep(['localhost'], now + 701 * day);
    assert.equal((await keep(['localhost', 'other.example'], now + 701 * day)).text, text);
    assert.notEqual((await keep(['chat.example', 'localhost'], now + 701 * day)).text, text);
  });
});
