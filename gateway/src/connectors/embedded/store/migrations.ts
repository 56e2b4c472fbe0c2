/** Each entry brings a database from the version of its index to the next one. Entries are never changed. */
export const migrations: readonly string[] = [
  `
  CREATE TABLE tenant (
    id TEXT NOT NULL PRIMARY KEY,
    secret TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE chat (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    phase TEXT NOT NULL CHECK (phase IN ('waiting', 'running', 'ended')),
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    ticket TEXT NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (tenant, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX chat_open ON chat (tenant, phase) WHERE phase <> 'ended';

  CREATE TABLE line (
    tenant TEXT NOT NULL,
    chat TEXT NOT NULL,
    number INTEGER NOT NULL,
    id TEXT NOT NULL,
    at INTEGER NOT NULL,
    author TEXT NOT NULL CHECK (author IN ('visitor', 'staff', 'notice')),
    staff TEXT,
    name TEXT,
    message_id TEXT,
    text TEXT NOT NULL,
    PRIMARY KEY (tenant, chat, number)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX line_id ON line (tenant, chat, id);
  CREATE UNIQUE INDEX line_message_id ON line (tenant, chat, message_id) WHERE message_id IS NOT NULL;

  CREATE TABLE staff (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    status TEXT NOT NULL,
    status_text TEXT,
    idle_since INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE call (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX call_at ON call (at);

  CREATE TABLE left_message (
    tenant TEXT NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    team TEXT NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    text TEXT NOT NULL,
    message_id TEXT NOT NULL,
    done_at INTEGER,
    PRIMARY KEY (tenant, number)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX left_message_id ON left_message (tenant, message_id);
  CREATE INDEX left_message_open ON left_message (tenant, number) WHERE done_at IS NULL;

  CREATE TABLE delivery (
    tenant TEXT NOT NULL,
    message INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    PRIMARY KEY (tenant, message)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE checkpoint (
    tenant TEXT NOT NULL,
    field TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (tenant, field)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE stream_count (
    resumption TEXT NOT NULL PRIMARY KEY,
    tenant TEXT NOT NULL,
    staff TEXT NOT NULL,
    handled INTEGER NOT NULL,
    expires INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX stream_count_expires ON stream_count (expires);
  `,
  `
  ALTER TABLE line ADD COLUMN for_staff TEXT;
  `,
  `
  CREATE TABLE account (
    tenant TEXT NOT NULL,
    username TEXT NOT NULL,
    name TEXT NOT NULL,
    email TEXT,
    hash TEXT NOT NULL,
    PRIMARY KEY (tenant, username)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  ALTER TABLE line ADD COLUMN ref TEXT;
  ALTER TABLE line ADD COLUMN extra TEXT;
  DROP INDEX line_id;
  CREATE UNIQUE INDEX line_id ON line (tenant, id, chat);
  CREATE INDEX line_ref ON line (tenant, chat, staff, ref) WHERE ref IS NOT NULL;
  CREATE INDEX line_about ON line (tenant, chat, extra ->> 'of') WHERE extra IS NOT NULL;

  CREATE TABLE note (
    tenant TEXT NOT NULL,
    chat TEXT NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    staff TEXT NOT NULL,
    name TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (tenant, chat, number)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE ban (
    tenant TEXT NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    until INTEGER NOT NULL,
    visitor TEXT NOT NULL,
    staff TEXT NOT NULL,
    why TEXT,
    address TEXT,
    email TEXT,
    chat TEXT,
    lifted_at INTEGER,
    PRIMARY KEY (tenant, number)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX ban_until ON ban (tenant, until) WHERE lifted_at IS NULL;
  CREATE INDEX ban_address ON ban (tenant, address) WHERE lifted_at IS NULL AND address IS NOT NULL;
  CREATE INDEX ban_email ON ban (tenant, email) WHERE lifted_at IS NULL AND email IS NOT NULL;

  CREATE TABLE peer_message (
    tenant TEXT NOT NULL,
    number INTEGER NOT NULL,
    id TEXT NOT NULL,
    at INTEGER NOT NULL,
    author TEXT NOT NULL,
    recipient TEXT NOT NULL,
    text TEXT NOT NULL,
    ref TEXT,
    extra TEXT,
    waits INTEGER,
    PRIMARY KEY (tenant, number)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX peer_message_id ON peer_message (tenant, id);
  CREATE INDEX peer_message_at ON peer_message (at);
  CREATE INDEX peer_message_waiting ON peer_message (tenant, recipient, number) WHERE waits = 1;

  -- What each staff user's archive holds, in its order: line \`number\` of the chat \`other\`, or message \`number\` with
  -- the colleague \`other\`.
  CREATE TABLE archive (
    tenant TEXT NOT NULL,
    staff TEXT NOT NULL,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('line', 'peer')),
    other TEXT NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (tenant, staff, position)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX archive_other ON archive (tenant, staff, kind, other, position);

  -- The newest text between staff that is in their archives.
  CREATE TABLE archive_filed (
    tenant TEXT NOT NULL PRIMARY KEY,
    number INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- How many entries each archive has of a day: all of them under no name, and those with each colleague.
  CREATE TABLE archive_day (
    tenant TEXT NOT NULL,
    staff TEXT NOT NULL,
    other TEXT NOT NULL,
    day INTEGER NOT NULL,
    entries INTEGER NOT NULL,
    lateness INTEGER NOT NULL,
    PRIMARY KEY (tenant, staff, other, day)
  ) STRICT, WITHOUT ROWID;

  -- Who has spoken in a chat so far has it up to their last words.
  INSERT INTO archive (tenant, staff, position, kind, other, number, at)
  SELECT line.tenant, part.staff,
    line.at * 1024 + row_number() OVER (
      PARTITION BY line.tenant, part.staff, line.at ORDER BY line.chat, line.number
    ) - 1,
    'line', line.chat, line.number, line.at
  FROM (
    SELECT tenant, chat, staff, max(number) AS last FROM line WHERE staff IS NOT NULL GROUP BY tenant, chat, staff
  ) AS part
  JOIN line ON line.tenant = part.tenant AND line.chat = part.chat AND line.number <= part.last;
  INSERT INTO archive_day (tenant, staff, other, day, entries, lateness)
  SELECT tenant, staff, '', position / 88473600000, count(*), 0 FROM archive GROUP BY 1, 2, 4;
  `,
  `
  -- A file, or the place for one. AUTOINCREMENT: what is late for a file that is gone must not find another one.
  CREATE TABLE file (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    put TEXT,
    state TEXT NOT NULL CHECK (state IN ('slot', 'upload', 'whole', 'gone')),
    kind TEXT NOT NULL CHECK (kind IN ('staff', 'visitor')),
    bringer TEXT NOT NULL,
    at INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    asked_type TEXT,
    size INTEGER NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX file_id ON file (tenant, id);
  CREATE UNIQUE INDEX file_put ON file (tenant, put) WHERE put IS NOT NULL;
  CREATE INDEX file_bringer ON file (tenant, kind, bringer, at);
  CREATE INDEX file_expires ON file (expires);

  -- With row ids: a row of 256 KiB in a b-tree of keys makes all of it slow.
  CREATE TABLE file_piece (
    file INTEGER NOT NULL,
    start INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (file, start)
  ) STRICT;

  CREATE TABLE file_room (
    tenant TEXT NOT NULL,
    kind TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (tenant, kind)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- Who has, or had last, a username. What the archive under it has before \`archive_from\` was somebody else's.
  CREATE TABLE person (
    tenant TEXT NOT NULL,
    staff TEXT NOT NULL,
    name TEXT NOT NULL,
    account TEXT NOT NULL,
    gone INTEGER NOT NULL,
    archive_from INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, staff)
  ) STRICT, WITHOUT ROWID;
  `,
];
