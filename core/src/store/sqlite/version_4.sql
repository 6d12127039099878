-- Where its timeline goes on.
ALTER TABLE device ADD COLUMN next_entry INTEGER NOT NULL DEFAULT 0;
UPDATE device SET next_entry = (SELECT coalesce(max(sequence) + 1, 0) FROM entry WHERE entry.device = device.id);

-- Entries and states in the order in which they were committed. A commit writes at one end of this table, wherever the places
-- of its devices are in the others; many rows at a time are moved there.
CREATE TABLE recent (
    id INTEGER PRIMARY KEY,
    device INTEGER NOT NULL,
    sequence INTEGER,
    at INTEGER,
    event TEXT,
    edition INTEGER,
    state TEXT,
    CHECK ((sequence IS NULL) = (event IS NULL) AND (event IS NULL) <> (state IS NULL))
) STRICT;

-- All entries, wherever they are.
CREATE VIEW timeline AS
    SELECT device, sequence, at, event, edition FROM entry
    UNION ALL
    SELECT device, sequence, at, event, edition FROM recent WHERE event IS NOT NULL;
