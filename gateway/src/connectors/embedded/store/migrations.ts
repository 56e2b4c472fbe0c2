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
];
