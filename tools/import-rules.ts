/**
 * Who may import whom in `gateway/src`: what keeps the middle of the gateway free of sockets, stores and XML.
 * `oxlint.config.ts` enforces it, `lint-bites.test.ts` proves that it does.
 */
export interface Ban {
  /** What the import specifier, as it is written, must not be: patterns as in `.gitignore`, or a pattern. */
  readonly group?: readonly string[];
  readonly regex?: string;
  readonly message: string;
  readonly importNames?: readonly string[];
}

export interface FolderRule {
  readonly folder: string;
  /** What it may import besides itself: folders of `gateway/src`, or single files of them. */
  readonly may: readonly string[];
  readonly because: string;
}

export const folderRules: readonly FolderRule[] = [
  { folder: 'xmpp', may: [], because: 'xmpp/ is the protocol alone, with no product in it.' },
  { folder: 'text', may: [], because: 'text/ has rules on text alone.' },
  { folder: 'picture', may: [], because: 'picture/ draws, and knows nothing of what for.' },
  {
    folder: 'helpdesk',
    may: ['text'],
    because: 'The helpdesk port is in chat words: it knows neither XML nor any adapter.',
  },
  {
    folder: 'bus',
    may: ['helpdesk', 'xmpp/jid.ts'],
    because: 'The bus carries plain data between parts that do not know each other; a stanza never crosses it.',
  },
  {
    folder: 'desk',
    may: ['helpdesk', 'text', 'config/tenants.ts', 'config/schema.ts', 'bus/messages.ts', 'bus/port.ts', 'xmpp/jid.ts'],
    because: 'A desk decides in chat words; sockets, stanzas, stores and connectors are kept behind ports.',
  },
  {
    folder: 'c2s',
    may: ['helpdesk', 'config', 'bus/messages.ts', 'bus/port.ts', 'bus/soon.ts', 'xmpp', 'sasl'],
    because: 'The stream knows no extension and no helpdesk: it is given a SessionLayer, Logins and a Bus.',
  },
  {
    folder: 'sasl',
    may: ['helpdesk', 'config', 'xmpp'],
    because: 'SASL checks a password through Logins and knows nothing else of the gateway.',
  },
  {
    folder: 'routing',
    may: [
      'helpdesk',
      'config',
      'text',
      'picture',
      'bus/messages.ts',
      'bus/port.ts',
      'bus/soon.ts',
      'xmpp',
      'c2s/session.ts',
      'features/feature.ts',
    ],
    because: 'Delivery rules know the stream by c2s/session.ts and desks by the bus.',
  },
  {
    folder: 'features',
    may: [
      'helpdesk',
      'config',
      'text',
      'picture',
      'bus/messages.ts',
      'bus/port.ts',
      'xmpp',
      'c2s/session.ts',
      'routing',
    ],
    because: 'A feature never sees a socket, a store or a connector: it has c2s/session.ts and the bus.',
  },
  {
    folder: 'connectors',
    may: ['helpdesk', 'config', 'text', 'bus/messages.ts', 'bus/port.ts'],
    because: 'A connector is in chat words: it never sees a stanza, a stream or a desk.',
  },
  {
    folder: 'web',
    may: ['helpdesk/model.ts', 'helpdesk/files.ts', 'config', 'text', 'connectors/embedded/visitor-site.ts'],
    because: 'The web side reaches chats through VisitorSite alone, and files through Files.',
  },
  {
    folder: 'cli',
    may: ['config'],
    because: 'The command line starts what main.ts gives it, and knows no layer.',
  },
  {
    folder: 'config',
    may: ['helpdesk/model.ts', 'xmpp/jid.ts'],
    because: 'Configuration is read before anything else exists.',
  },
];

const topFolders = folderRules.map((rule) => rule.folder);

/** Matches a path that leaves the folder for another of `gateway/src` which `may` does not name. */
function leaving({ folder, may }: FolderRule): readonly string[] {
  const others = topFolders.filter((other) => other !== folder && !may.includes(other));
  return [
    ...others.map((other) => `**/${other}/**`),
    ...may.filter((path) => path.endsWith('.ts')).map((path) => `!**/${path}`),
  ];
}

const composition: Ban = {
  regex: '^\\.\\./(?:\\.\\./)*(?:main|gateway|core)\\.ts$',
  message: 'The composition root imports every layer; no layer imports it.',
};
const homeless: Ban = {
  regex: '^(?:ioredis|pg|@kubernetes/client-node)(?:$|/)',
  message: 'This library has one home in the architecture, and that is not here.',
};
const timers: Ban = { regex: '^(?:node:)?timers(?:$|/)', message: 'Time is an argument: take a Clock (runtime/).' };
const environment: Ban = {
  regex: '^(?:node:)?process$',
  importNames: ['env'],
  message: 'Only config/ and main.ts read the environment: take what you need as an argument.',
};
const sql: Ban = {
  regex: '^node:sqlite$',
  message: 'SQL lives in connectors/embedded/store only: everything else speaks to its port.',
};
const rawXml: Ban = {
  regex: '^(?:@xmpp/|ltx$)',
  message: 'Only xmpp/ knows the XML library: build elements with xmpp/element.ts.',
};
const strangers: Ban = {
  regex: '^\\.\\./(?:\\.\\./)*(?:embedded|kayako-classic|live-helper-chat|chatwoot)/',
  message: 'Connectors are strangers to each other.',
};
const siblings: Ban = {
  group: ['./*', '!./feature.ts'],
  message: 'A feature never imports another feature: what they share is in feature.ts or routing/.',
};

const everywhere = [composition, homeless, timers, environment];

function bansOf(rule: FolderRule): readonly Ban[] {
  const bans: Ban[] = [...everywhere, sql, { group: leaving(rule), message: rule.because }];
  if (rule.folder !== 'xmpp') bans.push(rawXml);
  if (rule.folder === 'connectors') bans.push(strangers);
  return bans;
}

const named = (folder: string) => folderRules.filter((rule) => rule.folder === folder).flatMap(bansOf);

/**
 * Files (globs) and all that they must not import; a later line replaces the earlier ones for the files it names.
 * The files of `features/` that are not one feature each are those named here.
 */
export const importRules: readonly { readonly files: readonly string[]; readonly bans: readonly Ban[] }[] = [
  { files: ['gateway/**', 'runtime/**', 'tools/**'], bans: [homeless, rawXml, sql] },
  ...folderRules.map((rule) => ({ files: [`gateway/src/${rule.folder}/**`], bans: bansOf(rule) })),
  { files: ['gateway/src/features/*.ts'], bans: [...named('features'), siblings] },
  {
    files: ['gateway/src/features/{catalogue,layer}.ts', 'gateway/src/features/*.test.ts'],
    bans: named('features'),
  },
  {
    files: ['gateway/src/connectors/embedded/store/**'],
    bans: named('connectors').filter((ban) => ban !== sql),
  },
];
