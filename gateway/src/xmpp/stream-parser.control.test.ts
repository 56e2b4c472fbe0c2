import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { POST_AUTH_LIMITS, PRE_AUTH_LIMITS } from './limits.ts';
import { StreamError } from './stream-error.ts';
import { StreamParser } from './stream-parser.ts';
import { HEADER, inChunks, octets } from './testing/read-stream.ts';

/** A parser that writes down what it is told and does what `act` says at each element. */
function scripted(act: (name: string, parser: StreamParser) => void | 'hold') {
  const told: string[] = [];
  const parser = new StreamParser(
    {
      header: (header) => void told.push(`header to ${header.attrs['to'] ?? ''}`),
      element(element) {
        told.push(element.name);
        return act(element.name, parser);
      },
      end: () => void told.push('end'),
    },
    PRE_AUTH_LIMITS,
  );
  return { told, parser };
}

const other = HEADER.replace('acme', 'other');
const everyCut = (input: string): (readonly Uint8Array[])[] => {
  const whole = octets(input);
  return [1, 2, 3, 7, whole.length].map((size) => [...inChunks(whole, size)]);
};

describe('hold', () => {
  it('keeps what comes until the release, then goes on with it in order', () => {
    for (const chunks of everyCut(`${HEADER}<a/><auth/><b>é</b><c/>`)) {
      const { told, parser } = scripted((name) => (name === 'auth' ? 'hold' : undefined));
      for (const chunk of chunks) parser.write(chunk);
      assert.deepEqual(told, ['header to acme.example', 'a', 'auth']);
      parser.release();
      assert.deepEqual(told, ['header to acme.example', 'a', 'auth', 'b', 'c']);
      parser.write(octets('<d/>'));
      assert.equal(told.at(-1), 'd');
    }
  });
  it('keeps a character that is cut', () => {
    const { told, parser } = scripted((name) => (name === 'a' ? 'hold' : undefined));
    const whole = octets(`${HEADER}<a/><é/>`);
    parser.write(whole.subarray(0, -3));
    parser.write(whole.subarray(-3));
    parser.release();
    assert.deepEqual(told.slice(1), ['a', 'é']);
  });
  it('can be asked for from the header, and again after a release', () => {
    const told: string[] = [];
    const parser = new StreamParser(
      {
        header() {
          told.push('header');
          parser.hold();
        },
        element(element) {
          told.push(element.name);
          return 'hold';
        },
        end: () => void told.push('end'),
      },
      PRE_AUTH_LIMITS,
    );
    parser.write(octets(`${HEADER}<a/><b/></stream:stream>`));
    const seen = [told.length];
    for (let n = 0; n < 4; n++) {
      parser.release();
      seen.push(told.length);
    }
    assert.deepEqual(seen, [1, 2, 3, 4, 4]);
    assert.deepEqual(told, ['header', 'a', 'b', 'end']);
  });
  it('does not look at what is kept before the release', () => {
    const { told, parser } = scripted(() => 'hold');
    parser.write(octets(`${HEADER}<a/><!-- -->`));
    assert.deepEqual(told.slice(1), ['a']);
    assert.throws(
      () => {
        parser.release();
      },
      (error) => error instanceof StreamError && error.condition === 'restricted-xml',
    );
  });
  it('keeps no more than an element may have', () => {
    const { parser } = scripted(() => 'hold');
    parser.write(octets(`${HEADER}<a/>`));
    parser.write(octets(' '.repeat(PRE_AUTH_LIMITS.elementBytes)));
    assert.throws(
      () => {
        parser.write(octets(' '));
      },
      (error) => error instanceof StreamError && error.condition === 'policy-violation',
    );
  });
});

describe('restart', () => {
  it('A40 from inside: the rest of the chunk is the new stream, declaration and all', () => {
    for (const declaration of ['', "<?xml version='1.0'?>", "\n<?xml version='1.0'?>\n"])
      for (const chunks of everyCut(`${HEADER}<auth/>${declaration}${other}<a/>`)) {
        const { told, parser } = scripted((name, self) => {
          if (name === 'auth') self.restart(POST_AUTH_LIMITS);
        });
        for (const chunk of chunks) parser.write(chunk);
        assert.deepEqual(told, ['header to acme.example', 'auth', 'header to other.example', 'a']);
      }
  });
  it('A40 after a hold: what was kept is the new stream', () => {
    for (const chunks of everyCut(`${HEADER}<auth/>${other}<a/>`)) {
      const { told, parser } = scripted((name) => (name === 'auth' ? 'hold' : undefined));
      for (const chunk of chunks) parser.write(chunk);
      assert.deepEqual(told, ['header to acme.example', 'auth']);
      parser.restart(POST_AUTH_LIMITS);
      assert.deepEqual(told.slice(2), ['header to other.example', 'a']);
    }
  });
  it('a stanza without a new header is refused', () => {
    const { parser } = scripted((name, self) => {
      if (name === 'auth') self.restart();
    });
    assert.throws(() => {
      parser.write(octets(`${HEADER}<auth/><a/>`));
    }, StreamError);
  });
  it('sets new limits', () => {
    const { told, parser } = scripted((name, self) => {
      if (name === 'auth') self.restart(POST_AUTH_LIMITS);
    });
    parser.write(octets(`${HEADER}<auth/>${other}<a>${'x'.repeat(100_000)}</a>`));
    assert.equal(told.at(-1), 'a');
  });
  it('B03 can discard the rest of the chunk and what was kept', () => {
    const inside = scripted((name, self) => {
      if (name === 'starttls') self.restart(PRE_AUTH_LIMITS, 'discard');
    });
    inside.parser.write(octets(`${HEADER}<starttls/>${other}<auth/>`));
    assert.deepEqual(inside.told, ['header to acme.example', 'starttls']);
    inside.parser.write(octets(`${other}<a/>`));
    assert.deepEqual(inside.told.slice(2), ['header to other.example', 'a']);

    const held = scripted((name) => (name === 'auth' ? 'hold' : undefined));
    held.parser.write(octets(`${HEADER}<auth/><a/>`));
    held.parser.restart(PRE_AUTH_LIMITS, 'discard');
    held.parser.write(octets(other));
    assert.deepEqual(held.told, ['header to acme.example', 'auth', 'header to other.example']);
  });
  it('forgets the prefixes of the stream before', () => {
    const { parser } = scripted((name, self) => {
      if (name === 'auth') self.restart();
    });
    parser.write(octets(`${HEADER.replace('>', " xmlns:p='u'>")}<auth/>${other}`));
    assert.throws(() => {
      parser.write(octets('<p:a/>'));
    }, StreamError);
  });
});

describe('stop', () => {
  it('B03 from inside: nothing more is looked at, not even what would be an error', () => {
    for (const rest of ['<auth/>', '<!-- -->', '&', '\0']) {
      const { told, parser } = scripted((name, self) => {
        if (name === 'starttls') self.stop();
      });
      parser.write(octets(`${HEADER}<starttls/>${rest}`));
      parser.write(octets('<auth/>'));
      assert.deepEqual(told, ['header to acme.example', 'starttls']);
    }
  });
  it('a restart after it expects a header in what comes then', () => {
    const { told, parser } = scripted((name, self) => {
      if (name !== 'starttls') return;
      self.stop();
      self.restart();
    });
    parser.write(octets(`${HEADER}<starttls/><auth/>`));
    parser.write(octets(`${other}<a/>`));
    assert.deepEqual(told, ['header to acme.example', 'starttls', 'header to other.example', 'a']);
  });
  it('after an error everything is ignored', () => {
    const { told, parser } = scripted(() => undefined);
    assert.throws(() => {
      parser.write(octets(`${HEADER}<a/>&`));
    }, StreamError);
    parser.write(octets('<b/>'));
    parser.release();
    assert.deepEqual(told, ['header to acme.example', 'a']);
  });
  it('an error of the handler comes out, and ends the parser', () => {
    const { told, parser } = scripted((name) => {
      if (name === 'a') throw new StreamError('not-authorized');
    });
    assert.throws(
      () => {
        parser.write(octets(`${HEADER}<a/><b/>`));
      },
      (error) => error instanceof StreamError && error.condition === 'not-authorized',
    );
    parser.write(octets('<c/>'));
    assert.deepEqual(told.slice(1), ['a']);
  });
});

it('a write from inside is parsed after the chunk that is being parsed', () => {
  const { told, parser } = scripted((name, self) => {
    if (name === 'a') self.write(octets('<c/>'));
  });
  parser.write(octets(`${HEADER}<a/><b/>`));
  assert.deepEqual(told.slice(1), ['a', 'b', 'c']);
});
