import type { Answer, Target } from '../bus/messages.ts';
import type { Session } from '../c2s/session.ts';
import { chatAt } from '../routing/addressee.ts';
import { filledIn, formElement, FORMS, submitted } from '../routing/form.ts';
import { noSuchChat } from '../routing/unavailable.ts';
import { type XmlElement, xml } from '../xmpp/element.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import { type Addressee, defineFeature, type DiscoNode, type Form, type IqRequest, type Services } from './feature.ts';

const COMMANDS = 'http://jabber.org/protocol/commands';
/** Of the forms of `$` commands. */
const FORM_TYPE = 'https://chatgateway.dev/commands';
export const OPEN_PER_SESSION = 16;
/** Of a command of the desk's: what looks otherwise is no question to it. */
const NAME = /^[a-z]{1,30}$/u;

interface Opened {
  readonly key: string;
  readonly form: Form;
}

/** The runs of which an app has the form: what is run, and its form as it was shown. The oldest is first. */
interface Memory {
  readonly open: Map<string, Opened>;
  begun: number;
}

const memory = Symbol('ad-hoc commands');

function memoryOf(session: Session): Memory {
  const known = session.memory.get(memory) as Memory | undefined;
  if (known !== undefined) return known;
  const made: Memory = { open: new Map(), begun: 0 };
  session.memory.set(memory, made);
  return made;
}

/** For a run that is over with its first answer. */
const newId = (session: Session): string => `${session.resource}-${++memoryOf(session).begun}`;

function begin(session: Session, key: string, form: Form): string {
  const id = newId(session);
  keepOpen(session, id, { key, form });
  return id;
}

function keepOpen(session: Session, id: string, opened: Opened): void {
  const { open } = memoryOf(session);
  const [oldest] = open.keys();
  if (open.size >= OPEN_PER_SESSION && oldest !== undefined) open.delete(oldest);
  open.set(id, opened);
}

/** [XEP-0050 §4.3] */
function refusal(condition: 'bad-request' | 'not-allowed', specific: string, text?: string): StanzaError {
  const type = condition === 'bad-request' ? 'modify' : 'cancel';
  return new StanzaError(type, condition, text, xml(specific, COMMANDS));
}

const badPayload = (text: string) => refusal('bad-request', 'bad-payload', text);

type Outcome = { readonly note: string; readonly failed?: true };

/** What runs: a command of a feature, or one of the desk's. */
interface Running {
  readonly node: string;
  /** Tells the runs of one session apart, with whom they are for. */
  readonly key: string;
  /** The form, or what came of a command that needs none. */
  readonly first: () => Promise<Form | Outcome>;
  /** @throws StanzaError for values that cannot be: the form stays open */
  readonly fill: (form: XmlElement) => Promise<Outcome>;
}

type Answered = { readonly status: 'executing' | 'completed' | 'canceled'; readonly id: string };

function answer(node: string, { status, id }: Answered, ...children: readonly XmlElement[]): XmlElement {
  return xml('command', { xmlns: COMMANDS, node, sessionid: id, status }, ...children);
}

function executing(node: string, id: string, form: Form): XmlElement {
  const actions = xml('actions', { execute: 'complete' }, xml('complete'));
  return answer(node, { status: 'executing', id }, actions, formElement(form));
}

function completed(node: string, id: string, { note, failed }: Outcome): XmlElement {
  return answer(node, { status: 'completed', id }, xml('note', { type: failed ? 'error' : 'info' }, note));
}

/**
 * | action | without a session | with one |
 * |---|---|---|
 * | execute, none | the form, or done where there is none; with a form: done | with a form: done; else the form again |
 * | complete, next | with a form: done | with a form: done; else bad-payload |
 * | cancel, or a form of type cancel | canceled | canceled |
 * | prev, other | bad-action, malformed-action | the same |
 *
 * COMPAT(apps that send the second stage as `execute` [XEP-0050 §3.4])
 */
async function run({ session, payload }: IqRequest, { node, key, first, fill }: Running): Promise<XmlElement> {
  const { open } = memoryOf(session);
  const { action = 'execute', sessionid } = payload.attrs;
  const known = sessionid === undefined ? undefined : open.get(sessionid);
  if (sessionid !== undefined && known?.key !== key) {
    throw refusal('not-allowed', 'session-expired', 'This form is not open any more: begin again.');
  }
  const form = payload.getChild('x', FORMS);
  if (action === 'cancel' || form?.attrs.type === 'cancel') {
    open.delete(sessionid ?? '');
    return answer(node, { status: 'canceled', id: sessionid ?? newId(session) });
  }
  if (action === 'prev') throw refusal('bad-request', 'bad-action');
  if (action !== 'execute' && action !== 'complete' && action !== 'next')
    throw refusal('bad-request', 'malformed-action');
  if (form === undefined) {
    if (action !== 'execute') throw badPayload('The form is missing.');
    if (sessionid !== undefined && known !== undefined) return executing(node, sessionid, known.form);
    const shown = await first();
    if ('note' in shown) return completed(node, newId(session), shown);
    return executing(node, begin(session, key, shown), shown);
  }
  if (sessionid === undefined || known === undefined) return completed(node, newId(session), await fill(form));
  // the same form that comes once more meanwhile runs nothing
  open.delete(sessionid);
  try {
    return completed(node, sessionid, await fill(form));
  } catch (error) {
    keepOpen(session, sessionid, known);
    throw error;
  }
}

/** Whose menu the desk has: a visitor's, or that of `Chat Gateway`, which is the domain's too. */
function targetOf(to: Addressee): Target | undefined {
  switch (to.is) {
    case 'visitor':
      return { is: 'visitor', chat: chatAt(to.jid) };
    case 'gateway':
    case 'domain':
      return { is: 'gateway' };
    case 'account':
    case 'own-app':
    case 'colleague':
    case 'visitors-domain':
    case 'stranger':
      return undefined;
  }
}

const keyOf = (node: string, at: Target) => (at.is === 'visitor' ? `${node} ${at.chat}` : node);

/** Nothing there: no such command, or nobody whom this staff user may see. */
const noSuch = (at: Target) => (at.is === 'visitor' ? noSuchChat() : new StanzaError('cancel', 'item-not-found'));

/** A `$` command, which the desk runs. */
function deskCommand({ session, inbound }: IqRequest, node: string, at: Target, { command }: Services): Running {
  const outcome = (given: Answer): Outcome => {
    if (given.about !== 'command') throw noSuch(at);
    if (given.failed === 'form') throw badPayload(given.text);
    return { note: given.text, ...(given.failed !== undefined && { failed: true }) };
  };
  return {
    node,
    key: keyOf(node, at),
    async first() {
      const given = await command(session, inbound, { at, name: node });
      if (given.about !== 'form') return outcome(given);
      const { title, instructions, fields } = given;
      return { type: FORM_TYPE, title, instructions, fields };
    },
    async fill(form) {
      const values = submitted(form, FORM_TYPE);
      if (values === undefined) throw badPayload('The form is not filled in.');
      return outcome(await command(session, inbound, { at, name: node, values: Object.fromEntries(values) }));
    },
  };
}

export const adHoc = defineFeature({
  name: 'ad-hoc commands',
  spec: 'XEP-0050 1.3.0',
  scope:
    'The `$` commands, as menus of visitors, of `Chat Gateway` and of the domain, with forms (XEP-0004) of one page; on the domain of a lab tenant also those of XEP-0133, for staff who may administer it.',
  disco: { domain: [COMMANDS, FORMS], visitor: [COMMANDS, FORMS], gateway: [COMMANDS, FORMS] },
  setup({ onIq, onNode, onItems, onClosed }, services) {
    const { commands, ask } = services;
    const offered = ({ session, to }: IqRequest) =>
      commands.filter((command) => command.at === to.is && command.isFor(session));

    onIq('set', COMMANDS, 'command', async (request) => {
      const { to, payload, session } = request;
      const { node = '' } = payload.attrs;
      const own = offered(request).find((one) => one.node === node);
      if (own !== undefined)
        return run(request, {
          node,
          key: node,
          first: async () => own.form,
          async fill(form) {
            const values = filledIn(form, own.form);
            if (values === undefined) throw badPayload('The form is not filled in.');
            return { note: await own.run(session, values) };
          },
        });
      const at = targetOf(to);
      if (at === undefined) throw new StanzaError('cancel', 'service-unavailable');
      if (to.is === 'domain' && commands.some((one) => one.node === node))
        throw session.tenant.config.lab
          ? new StanzaError('auth', 'forbidden')
          : new StanzaError('cancel', 'service-unavailable');
      if (!NAME.test(node)) throw noSuch(at);
      return run(request, deskCommand(request, node, at, services));
    });

    onNode(async (request, node): Promise<DiscoNode | undefined> => {
      const { session, inbound, to } = request;
      const at = targetOf(to);
      const own = offered(request);
      const named = own.find((one) => one.node === node);
      if (named !== undefined) return commandNode(named.name);
      if (at === undefined || (node !== COMMANDS && !NAME.test(node))) return undefined;
      const menu = await ask(session, inbound, { about: 'menu', at });
      if (menu.about !== 'menu') throw noSuch(at);
      if (node !== COMMANDS) {
        const entry = menu.entries.find(({ name }) => name === node);
        return entry && commandNode(entry.title);
      }
      // an app runs a command at the address that the list gives
      const jid = 'jid' in to ? to.jid.full : session.tenant.domain;
      const entries = [
        ...menu.entries.map(({ name, title }) => ({ jid, node: name, name: title })),
        ...own.map((one) => ({ jid, node: one.node, name: one.name })),
      ];
      return {
        identity: { category: 'automation', type: 'command-list', name: 'Commands' },
        features: [COMMANDS],
        items: entries,
      };
    });

    onItems(({ to, session }) =>
      to.is === 'domain' ? [{ jid: session.tenant.domain, node: COMMANDS, name: 'Commands' }] : [],
    );

    onClosed((session) => {
      session.memory.delete(memory);
    });
  },
});

function commandNode(name: string): DiscoNode {
  return {
    identity: { category: 'automation', type: 'command-node', name },
    features: [COMMANDS, FORMS],
    items: [],
  };
}
