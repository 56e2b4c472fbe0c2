/** Where elements begin and end, and no more: for clients and servers that we trust. */
export class StanzaScanner {
  readonly #take: (stanza: string) => void;
  #text = '';
  /** In `#text`: what is scanned, and where the first-level element began. */
  #at = 0;
  #from = 0;
  #depth = 0;

  constructor(take: (stanza: string) => void) {
    this.#take = take;
  }

  /** A new stream header comes. */
  restart(): void {
    this.#depth = 0;
  }

  feed(text: string): void {
    this.#text = this.#text === '' ? text : this.#text + text;
    for (;;) {
      const open = this.#text.indexOf('<', this.#at);
      const close = open < 0 ? -1 : this.#text.indexOf('>', open);
      if (close < 0) break;
      this.#at = close + 1;
      this.#tag(open, close);
    }
    const keep = this.#depth > 1 ? this.#from : this.#at;
    this.#text = this.#text.slice(keep);
    this.#at -= keep;
    this.#from = 0;
  }

  #tag(open: number, close: number): void {
    const next = this.#text[open + 1];
    if (next === '?') return;
    if (next === '/') {
      this.#depth--;
      if (this.#depth === 1) this.#take(this.#text.slice(this.#from, close + 1));
    } else if (this.#text[close - 1] === '/') {
      if (this.#depth === 1) this.#take(this.#text.slice(open, close + 1));
    } else {
      if (this.#depth === 1) this.#from = open;
      this.#depth++;
    }
  }
}
