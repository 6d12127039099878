CREATE TABLE template (
    name TEXT PRIMARY KEY,
    body TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE device (
    id INTEGER PRIMARY KEY,
    token TEXT NOT NULL UNIQUE,
    template TEXT NOT NULL REFERENCES template (name),
    contacts TEXT NOT NULL,
    state TEXT,
    ledger TEXT
) STRICT;

CREATE TABLE entry (
    device INTEGER NOT NULL REFERENCES device (id),
    sequence INTEGER NOT NULL,
    at INTEGER NOT NULL,
    event TEXT NOT NULL,
    PRIMARY KEY (device, sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE pin_value (
    device INTEGER NOT NULL REFERENCES device (id),
    pin INTEGER NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (device, pin)
) STRICT, WITHOUT ROWID;

CREATE TABLE pending (
    device INTEGER NOT NULL REFERENCES device (id),
    pin INTEGER NOT NULL,
    command INTEGER NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (device, pin)
) STRICT, WITHOUT ROWID;

CREATE TABLE notification (
    id INTEGER PRIMARY KEY,
    device INTEGER NOT NULL REFERENCES device (id),
    stage TEXT NOT NULL CHECK (stage IN ('owed', 'delivered', 'dead')),
    progress TEXT NOT NULL,
    body TEXT NOT NULL
) STRICT;

CREATE INDEX notification_owed ON notification (id) WHERE stage = 'owed';

-- Numbers that must never be used again, although the rows that had them are gone.
CREATE TABLE newest (
    what TEXT PRIMARY KEY,
    number INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
