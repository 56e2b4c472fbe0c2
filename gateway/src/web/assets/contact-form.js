import { CallError } from './api.js';
import { el } from './dom.js';
import { texts } from './texts.js';
import { makeUuid } from './uuid.js';

const TEXT_CHARACTERS = 4_000;
const FIELD_CHARACTERS = 200;
const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@.]+$/u;

/**
 * @typedef {object} Filled
 * @property {string} messageId stays the same however often the form is sent
 * @property {string} name
 * @property {string} email empty when none was given
 * @property {string} team
 * @property {string} text
 * @property {string} [phone]
 * @property {Record<string, string>} [fields] what else was asked, by id
 */
/**
 * @typedef {object} Asked what the form asks beside the rest
 * @property {boolean} phone
 * @property {readonly { id: string, label: string, required: boolean }[]} fields
 */
/**
 * @typedef {object} Team
 * @property {string} id
 * @property {string} name
 * @property {boolean} available
 */
/**
 * @typedef {object} ContactFormOptions
 * @property {readonly Team[]} teams
 * @property {boolean} open false: only messages can be left
 * @property {Asked} form
 * @property {string} [messageIntro] why a message is to be left, where this is known
 * @property {Partial<Filled>} [initial]
 * @property {(filled: Filled, mode: 'chat' | 'message') => Promise<void>} submit throws CallError
 * @property {() => void} [back]
 */

/**
 * The form that starts a chat or leaves a message: which of them follows from the hours and the chosen team.
 * @param {ContactFormOptions} options
 */
export function contactForm(options) {
  const { initial = {} } = options;
  let { open, teams, form: asked } = options;
  const messageId = initial.messageId ?? makeUuid();
  const title = el('h2', { tabindex: -1 });
  const intro = el('p', { class: 'intro' });
  const error = el('p', { class: 'form-error', role: 'alert' });
  const name = field('name', texts.name, el('input', { type: 'text', autocomplete: 'name', maxlength: 100 }));
  const email = field(
    'email',
    texts.email,
    el('input', { type: 'email', autocomplete: 'email', maxlength: 254, inputmode: 'email' }),
  );
  const text = field('text', texts.question, el('textarea', { rows: 4, maxlength: TEXT_CHARACTERS, dir: 'auto' }));
  const phone = field(
    'phone',
    texts.phone,
    el('input', { type: 'tel', autocomplete: 'tel', maxlength: 100, inputmode: 'tel' }),
  );
  phone.label.append(' ', optionalMark());
  phone.input.value = initial.phone ?? '';
  const further = el('div', { class: 'further' });
  /** @type {Map<string, { input: HTMLInputElement, row: HTMLElement, required: boolean, say: (text: string) => HTMLInputElement | undefined }>} */
  let questions = new Map();
  const fillQuestions = () => {
    const before = questions;
    questions = new Map();
    for (const { id, label, required } of asked.fields) {
      const input = el('input', { type: 'text', autocomplete: 'off', maxlength: FIELD_CHARACTERS, dir: 'auto' });
      input.value = before.get(id)?.input.value ?? initial.fields?.[id] ?? '';
      input.required = required;
      const one = field(`further-${id}`, label, input);
      if (!required) one.label.append(' ', optionalMark());
      questions.set(id, { input, row: one.row, required, say: one.say });
    }
    further.replaceChildren(phone.row, ...Array.from(questions.values(), ({ row }) => row));
  };
  const select = el('select');
  const team = field('team', texts.team, select);
  const button = el('button', { type: 'submit', class: 'primary' });
  name.input.dir = 'auto';
  name.input.value = initial.name ?? '';
  email.input.value = initial.email ?? '';
  text.input.value = initial.text ?? '';

  const canChat = (/** @type {Team} */ { available }) => open && available;
  let isChosen = initial.team !== undefined;
  const fillTeams = () => {
    const chosen = isChosen ? select.value || initial.team : undefined;
    select.replaceChildren(
      ...teams.map((one) => {
        const label = open && !one.available ? texts.teamAway(one.name) : one.name;
        return el('option', { value: one.id }, label);
      }),
    );
    select.value = chosen ?? teams.find(canChat)?.id ?? '';
    if (select.selectedIndex < 0) select.selectedIndex = 0;
    team.row.hidden = teams.length < 2;
  };

  const mode = () => (teams.some((one) => one.id === select.value && canChat(one)) ? 'chat' : 'message');
  const update = () => {
    const isChat = mode() === 'chat';
    title.textContent = isChat ? texts.startTitle : texts.messageTitle;
    const why = options.messageIntro ?? (teams.some(canChat) ? texts.messageIntroTeam : texts.messageIntroClosed);
    intro.textContent = isChat ? texts.startIntro : why;
    email.label.textContent = texts.email;
    if (isChat) email.label.append(' ', optionalMark());
    phone.row.hidden = !asked.phone;
    further.hidden = !isChat || (!asked.phone && asked.fields.length === 0);
    email.input.required = !isChat;
    text.label.textContent = isChat ? texts.question : texts.message;
    button.textContent = isChat ? texts.startChat : texts.sendMessage;
  };
  select.addEventListener('change', () => {
    isChosen = true;
    update();
  });
  name.input.required = text.input.required = true;
  fillTeams();
  fillQuestions();
  update();

  const problems = () => {
    const isChat = mode() === 'chat';
    const address = email.input.value.trim();
    return [
      name.say(name.input.value.trim() === '' ? texts.nameMissing : ''),
      email.say(address === '' ? (isChat ? '' : texts.emailMissing) : EMAIL.test(address) ? '' : texts.emailWrong),
      ...Array.from(isChat ? questions.values() : [], ({ input, required, say }) =>
        say(required && input.value.trim() === '' ? texts.fieldMissing : ''),
      ),
      text.say(text.input.value.trim() === '' ? (isChat ? texts.questionMissing : texts.messageMissing) : ''),
    ];
  };

  let busy = false;
  const submit = async () => {
    error.textContent = '';
    const wrong = problems().find((problem) => problem !== undefined);
    if (wrong !== undefined) {
      wrong.focus();
      return;
    }
    if (busy) return;
    busy = true;
    button.setAttribute('aria-disabled', 'true');
    button.textContent = texts.sending;
    try {
      const [{ value: given }, { value: address }, { value: words }] = [name.input, email.input, text.input];
      const isChat = mode() === 'chat';
      const number = isChat && asked.phone ? phone.input.value.trim() : '';
      const answers = Array.from(isChat ? questions : [], ([id, { input }]) => [id, input.value.trim()]);
      const fields = Object.fromEntries(answers.filter(([, value]) => value !== ''));
      await options.submit(
        {
          messageId,
          name: given.trim(),
          email: address.trim(),
          team: select.value,
          text: words.trim(),
          ...(number !== '' && { phone: number }),
          ...(Object.keys(fields).length > 0 && { fields }),
        },
        mode(),
      );
    } catch (cause) {
      const refusal = cause instanceof CallError ? cause : new CallError('failed');
      const named = refusal.field ?? '';
      const field =
        { name, email, phone, question: text, text }[named] ?? questions.get(named.replace(/^fields\./u, ''));
      if (field !== undefined) field.say(texts.fieldWrong)?.focus();
      else error.textContent = sentence(refusal, mode());
    } finally {
      busy = false;
      button.removeAttribute('aria-disabled');
      update();
    }
  };

  const form = el(
    'form',
    {
      class: 'contact',
      novalidate: true,
      onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        void submit();
      },
    },
    title,
    intro,
    name.row,
    email.row,
    further,
    team.row,
    text.row,
    error,
    button,
    options.back === undefined
      ? undefined
      : el('button', { type: 'button', class: 'quiet', onclick: options.back }, texts.back),
  );
  return {
    element: el('main', { class: 'screen form-screen' }, form),
    /** Who can answer, or what is asked, has changed: nothing that was entered is lost. @param {{ open: boolean, teams: readonly Team[], form: Asked }} now */
    setReception(now) {
      if (busy || JSON.stringify([open, teams, asked]) === JSON.stringify([now.open, now.teams, now.form])) return;
      const isAskedAnew = JSON.stringify(asked) !== JSON.stringify(now.form);
      ({ open, teams, form: asked } = now);
      fillTeams();
      if (isAskedAnew) fillQuestions();
      update();
    },
  };
}

function optionalMark() {
  return el('span', { class: 'optional' }, `(${texts.optional})`);
}

/** @param {CallError} refusal @param {'chat' | 'message'} mode */
function sentence(refusal, mode) {
  switch (refusal.code) {
    case 'refused':
      return mode === 'chat' ? texts.refused : texts.refusedMessage;
    case 'offline':
      return texts.offline;
    case 'too-many-starts':
      return texts.tooManyStarts;
    case 'too-many-chats':
      return texts.tooManyChats;
    case 'busy':
      return texts.busy;
    default:
      return texts.failed;
  }
}

/**
 * A labelled field whose problem is tied to it.
 * @template {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Input
 * @param {string} name
 * @param {string} labelText
 * @param {Input} input
 */
function field(name, labelText, input) {
  input.id = `field-${name}`;
  input.setAttribute('name', name);
  const label = el('label', { for: input.id }, labelText);
  const problem = el('p', { class: 'field-error', id: `problem-${name}` });
  const row = el('div', { class: 'field' }, label, input, problem);
  input.addEventListener('input', () => {
    if (input.getAttribute('aria-invalid') === 'true') say('');
  });
  /** @param {string} text @returns {Input | undefined} the input when there is a problem */
  function say(text) {
    problem.textContent = text;
    if (text === '') {
      input.removeAttribute('aria-invalid');
      input.removeAttribute('aria-describedby');
      return undefined;
    }
    input.setAttribute('aria-invalid', 'true');
    input.setAttribute('aria-describedby', problem.id);
    return input;
  }
  return { input, label, row, say };
}
