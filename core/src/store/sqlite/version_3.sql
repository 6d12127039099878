-- A notification says itself which status it is about, whatever becomes of the chain.
UPDATE notification SET body =
    (SELECT json_set(notification.body,
                     '$.key', coalesce(json_extract(edition.body, status || '.key'), ''),
                     '$.label', coalesce(json_extract(edition.body, status || '.look.label'),
                                         json_extract(edition.body, status || '.key'), ''))
     FROM edition, (SELECT '$.chain[' || json_extract(notification.body, '$.status') || ']' AS status)
     WHERE edition.id = notification.edition);
UPDATE entry SET event =
    (SELECT json_set(entry.event,
                     '$.Notified.notification.key', coalesce(json_extract(edition.body, status || '.key'), ''),
                     '$.Notified.notification.label', coalesce(json_extract(edition.body, status || '.look.label'),
                                                               json_extract(edition.body, status || '.key'), ''))
     FROM edition,
          (SELECT '$.chain[' || json_extract(entry.event, '$.Notified.notification.status') || ']' AS status)
     WHERE edition.id = entry.edition)
WHERE json_type(event, '$.Notified') IS NOT NULL;

-- Statuses are counted by their keys; by their places before. A place that the chain does not have counts nothing.
UPDATE device SET ledger = json_set(ledger, '$.statuses',
    json((SELECT json_group_object(json_extract(edition.body, '$.chain[' || tally.key || '].key'), json(tally.value))
     FROM template, edition, json_each(device.ledger, '$.statuses') AS tally
     WHERE template.name = device.template AND edition.id = template.edition
     AND json_extract(edition.body, '$.chain[' || tally.key || '].key') IS NOT NULL)))
WHERE ledger IS NOT NULL;

-- What is known of the database itself.
CREATE TABLE fact (
    what TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Numbers of notifications begin anew in each database. To a receiver that knows several they are told apart by this.
INSERT INTO fact (what, value) VALUES ('origin', lower(hex(randomblob(16))));
