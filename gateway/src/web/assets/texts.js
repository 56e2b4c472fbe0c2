import { oneLine } from './one-line.js';

/** Everything that a visitor reads, in one place: a translation is another file of this form. */
export const texts = {
  language: 'en',

  loading: 'Opening the chat…',
  notLoaded: 'The chat could not be opened.',
  notLoadedWhy: 'Please check your connection. We keep trying.',
  tryAgain: 'Try again',

  startTitle: 'Hello! How can we help?',
  startIntro: 'Tell us who you are and what it is about. Somebody will answer you right here.',
  messageTitle: 'Leave a message',
  messageIntroClosed: 'We are not here right now. Leave a message and we will answer by email.',
  messageIntroTeam: 'Nobody of this team is here right now. Leave a message and we will answer by email.',
  messageIntroUnanswered: 'We are sorry: nobody could answer just now. Leave a message and we will answer by email.',
  messageIntroInstead: 'You need not wait: leave a message and we will answer by email.',

  name: 'Your name',
  email: 'Email',
  phone: 'Phone',
  optional: 'optional',
  team: 'Who is it for?',
  teamAway: (/** @type {string} */ team) => `${team} (leave a message)`,
  question: 'Your question',
  message: 'Your message',
  startChat: 'Start chat',
  sendMessage: 'Send message',
  sending: 'Sending…',
  back: 'Back to the chat',
  answeredMeanwhile: 'Somebody is writing to you: go back to the chat to read it.',

  nameMissing: 'Please enter your name.',
  emailMissing: 'Please enter your email address, so that we can answer you.',
  emailWrong: 'Please enter an address such as name@example.com.',
  questionMissing: 'Please enter your question.',
  messageMissing: 'Please enter your message.',
  fieldMissing: 'Please fill in this field.',
  fieldWrong: 'Please check this field.',
  tooLong: (/** @type {number} */ most) => `Please use at most ${most.toLocaleString('en')} characters.`,

  waitingFor: (/** @type {string} */ team) => `Waiting for ${team === '' ? 'an answer' : team}`,
  waitingHint: 'You are in the queue. Somebody will be with you soon. You can go on writing.',
  leaveInstead: 'Leave a message instead',
  chattingWith: (/** @type {readonly string[]} */ names) => `Chatting with ${list(names.map(short))}`,
  chatRuns: 'Your chat goes on',
  typing: (/** @type {readonly string[]} */ names) =>
    names.length === 1
      ? `${short(names[0] ?? '')} is typing…`
      : names.length <= 3
        ? `${list(names.map(short))} are typing…`
        : 'Several people are typing…',

  conversation: 'Conversation',
  you: 'You',
  writeHere: 'Write a message',
  writeHint: 'Enter sends, Shift and Enter begin a new line.',
  send: 'Send',
  charactersLeft: (/** @type {number} */ left) => (left === 1 ? '1 character left' : `${left} characters left`),
  messageSending: 'Sending…',
  messageWaiting: 'Not sent yet. It is sent as soon as possible.',
  messageFailed: 'Not sent.',
  seen: 'Seen',

  edited: 'edited',
  removed: 'Message removed',
  inReplyTo: (/** @type {string} */ name) => `In reply to ${name}:`,
  reactions: 'Reactions',
  reactedBy: (/** @type {readonly string[]} */ names) => `by ${list(names.map(short))}`,
  pageFrom: (/** @type {string} */ name) => `${name} suggests this page`,
  openPage: 'Open page',
  /** Said by screen readers when it happens. */
  hasEdited: (/** @type {string} */ name, /** @type {string} */ words) => `${name} changed a message: ${words}`,
  hasRemoved: (/** @type {string} */ name) => `${name} removed a message.`,
  hasReacted: (/** @type {string} */ name, /** @type {string} */ emoji) => `${name} reacted with ${emoji}`,
  manyChanges: (/** @type {number} */ count) => `${count} changes in the conversation.`,

  picture: (/** @type {string} */ name) => `Picture ${name}`,
  kinds: {
    image: 'Picture',
    audio: 'Sound',
    video: 'Video',
    text: 'Text',
    archive: 'Archive',
    document: 'Document',
    spreadsheet: 'Spreadsheet',
    presentation: 'Presentation',
    file: 'File',
  },
  size: (/** @type {number} */ bytes) =>
    bytes < 1_024
      ? `${bytes} ${bytes === 1 ? 'byte' : 'bytes'}`
      : bytes < 1_024 * 1_024
        ? `${Math.round(bytes / 1_024)} kB`
        : `${Number((bytes / 1_024 / 1_024).toFixed(1))} MB`,
  attach: 'Send a file',
  dropHere: 'Drop here to send',
  uploadWaiting: 'Waiting…',
  uploading: (/** @type {number} */ percent) => `Sending… ${percent} %`,
  uploadProgress: (/** @type {string} */ name) => `Sending ${name}`,
  uploadCancel: (/** @type {string} */ name) => `Cancel ${name}`,
  uploadAgain: (/** @type {string} */ name) => `Try again: ${name}`,
  uploadDismiss: (/** @type {string} */ name) => `Remove ${name}`,
  uploadFailed: (/** @type {string} */ name, /** @type {string} */ why) => `${name} was not sent. ${why}`,
  uploadProblems: {
    'too-large': (/** @type {string} */ most) => `It is too large: at most ${most} can be sent.`,
    'wrong-type': () => 'Files of this kind cannot be sent here.',
    'empty-file': () => 'There is nothing in it.',
    'too-many-files': () => 'Too many files were sent in a short time. Please try again later.',
    'too-many-chosen': () => 'Too many files at once. Please send it when the others are done.',
    'files-off': () => 'No files can be sent here.',
    unreadable: () => 'It could not be read. Is it a folder, or was it moved?',
    ended: () => 'The chat is over.',
    offline: () => 'There is no connection just now.',
    failed: () => 'Please try again.',
  },

  reconnecting: 'The connection is interrupted. What you write is sent as soon as it is back.',
  slowDown: 'That was fast. Your messages are sent in a moment.',

  endChat: 'End chat',
  endQuestion: 'End this chat?',
  endExplained: 'You can save what was said afterwards.',
  endConfirm: 'End chat',
  endCancel: 'Keep chatting',
  endNotYet: 'The chat could not be ended. Please try again.',

  over: 'This chat is over',
  overBy: {
    staff: 'The chat was ended by the helpdesk. Thank you!',
    visitor: 'You ended the chat. Thank you!',
    'visitor-away': 'The chat ended because your page was not open for a while.',
    idle: 'The chat ended because nobody wrote for a while.',
    unanswered: 'Nobody could answer this time.',
  },
  leaveMessage: 'Leave a message',
  saveTranscript: 'Save conversation',
  print: 'Print',
  newChat: 'Start a new chat',
  transcriptFile: 'conversation.txt',
  transcriptTitle: (/** @type {string} */ name, /** @type {string} */ when) => `Conversation with ${name}, ${when}`,

  messageSent: 'Thank you!',
  messageSentWhy: (/** @type {string} */ email) => `We have your message and will answer to ${email}.`,

  chatForgotten: 'Your last chat is over.',
  tooManyStarts: 'Too many chats were started from your network. Please try again in a minute.',
  tooManyChats: 'Too many chats are open from your network. Please try again when one of them is over.',
  busy: 'There is a lot to do just now. Please try again in a moment.',
  refused: 'Sorry, no chat can be started now.',
  refusedMessage: 'Sorry, no message can be left now.',
  failed: 'That did not work. Please try again.',
  offline: 'There is no connection just now. Please try again.',

  closeWindow: 'Close chat window',
  unread: (/** @type {number} */ count, /** @type {string} */ name) => `(${count}) ${name}`,
};

/** The visitor's own kind of English, where it is English: 24 hours or 12, day or month first. */
export const dateLocale =
  globalThis.navigator?.languages?.find((one) => one.split('-')[0] === texts.language) ?? texts.language;
/** Clock times have no words in them: in the visitor's own form, whatever the language. */
export const timeLocale = undefined;

/** A name among other words. */
function short(/** @type {string} */ name) {
  return oneLine(name, 100);
}

function list(/** @type {readonly string[]} */ names) {
  return new Intl.ListFormat('en').format(names);
}
