-- What people call a device.
ALTER TABLE device ADD COLUMN name TEXT NOT NULL DEFAULT '';

-- A template from one change to the next. Entries and notifications name a status by its place, which means something only
-- in the chain of their time.
CREATE TABLE edition (
    id INTEGER PRIMARY KEY,
    body TEXT NOT NULL
) STRICT;

ALTER TABLE template ADD COLUMN edition INTEGER NOT NULL DEFAULT 0;
INSERT INTO edition (body) SELECT body FROM template ORDER BY name;
UPDATE template SET edition = (SELECT id FROM edition WHERE edition.body = template.body);
ALTER TABLE template DROP COLUMN body;

ALTER TABLE entry ADD COLUMN edition INTEGER NOT NULL DEFAULT 0;
UPDATE entry SET edition =
    (SELECT template.edition FROM device JOIN template ON template.name = device.template WHERE device.id = entry.device);

ALTER TABLE notification ADD COLUMN edition INTEGER NOT NULL DEFAULT 0;
UPDATE notification SET edition =
    (SELECT template.edition FROM device JOIN template ON template.name = device.template
     WHERE device.id = notification.device);

-- When a notification came to its end, or will be tried.
ALTER TABLE notification ADD COLUMN at INTEGER NOT NULL DEFAULT 0;
UPDATE notification SET at = json_extract(progress, '$.at');
CREATE INDEX notification_dead ON notification (id) WHERE stage = 'dead';
CREATE INDEX notification_of ON notification (device, id);

-- What somebody proves a right with: its SHA-256, never itself.
CREATE TABLE secret (
    what TEXT PRIMARY KEY,
    digest BLOB NOT NULL
) STRICT, WITHOUT ROWID;
