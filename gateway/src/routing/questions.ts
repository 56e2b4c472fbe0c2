import type { Cancel, Clock } from '@chat-gateway/runtime';
import type { Act, Answer, Item, Question } from '../bus/messages.ts';
import type { Inbound, Session } from '../c2s/session.ts';
import type { MenuCommand } from '../features/feature.ts';
import { SupersededError } from '../bus/port.ts';
import { tooBusy } from './unavailable.ts';

/** How long a desk may take to answer before the app is told to try again, in ms. */
export const ANSWER_DEADLINE = 20_000;
const OPEN_PER_SESSION = 2_000;

interface Open {
  readonly key: string;
  readonly answered: Promise<Answer>;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
  readonly cancel: Cancel;
}

interface Asked {
  readonly byAsk: Map<string, Open>;
  readonly byKey: Map<string, Open>;
  /** Commands so far: each is asked for itself. */
  commands: number;
}

const memory = Symbol('questions');

function keyOf(question: Question): string {
  switch (question.about) {
    case 'visitor-card':
      return `visitor ${question.chat}`;
    case 'staff-card':
      return `staff ${question.staff}`;
    case 'bans':
      return question.about;
    case 'menu':
      return question.at.is === 'gateway' ? 'menu' : `menu ${question.at.chat}`;
  }
}

/** Questions of apps that only the desk can answer, while they are open. */
export class Questions {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Asks the desk; an app that asks several things about one contact at once (libpurple does) makes one question.
   * @throws StanzaError when the desk does not answer in time, or the app asks without end
   */
  ask(session: Session, inbound: Inbound, question: Question): Promise<Answer> {
    const key = keyOf(question);
    const open = this.#asked(session).byKey.get(key);
    if (open !== undefined) return open.answered;
    return this.#put(session, inbound, key, (ask) => ({ type: 'asked', session: session.id, ask, question }));
  }

  /**
   * Has the desk run a command of a menu, and gives what came of it.
   * @throws StanzaError as {@link Questions.ask}; the command may be done all the same
   */
  command(session: Session, inbound: Inbound, command: MenuCommand): Promise<Answer> {
    const key = `command ${++this.#asked(session).commands}`;
    return this.#put(session, inbound, key, (ask) => ({ type: 'command', session: session.id, ask, ...command }));
  }

  #put(session: Session, inbound: Inbound, key: string, actFor: (ask: string) => Act): Promise<Answer> {
    const asked = this.#asked(session);
    if (asked.byAsk.size >= OPEN_PER_SESSION) return Promise.reject(tooBusy());
    const ask = `${inbound.entryId} ${key}`;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const fail = (error: Error) => {
      if (this.#close(session, ask)) reject(error);
    };
    const cancel = this.#clock.after(ANSWER_DEADLINE, () => {
      fail(tooBusy());
    });
    const made: Open = { key, answered: promise, resolve, reject, cancel };
    asked.byAsk.set(ask, made);
    asked.byKey.set(key, made);
    session.put(actFor(ask), inbound).catch(fail);
    return promise;
  }

  /** An answer came; one that nobody waits for is dropped. */
  answered(session: Session, item: Extract<Item, { kind: 'answer' }>): void {
    const open = (session.memory.get(memory) as Asked | undefined)?.byAsk.get(item.ask);
    if (open !== undefined && this.#close(session, item.ask)) open.resolve(item.answer);
  }

  /** Nobody is there to hear an answer. */
  closed(session: Session): void {
    for (const [ask, open] of [...this.#asked(session).byAsk]) {
      this.#close(session, ask);
      open.reject(new SupersededError());
    }
    session.memory.delete(memory);
  }

  #asked(session: Session): Asked {
    const known = session.memory.get(memory) as Asked | undefined;
    if (known !== undefined) return known;
    const made: Asked = { byAsk: new Map(), byKey: new Map(), commands: 0 };
    session.memory.set(memory, made);
    return made;
  }

  #close(session: Session, ask: string): boolean {
    const asked = session.memory.get(memory) as Asked | undefined;
    const open = asked?.byAsk.get(ask);
    if (asked === undefined || open === undefined) return false;
    open.cancel();
    asked.byAsk.delete(ask);
    asked.byKey.delete(open.key);
    return true;
  }
}
