-- An item's version: the generation that its last change made. Found in the order of changes, too.
-- Those of an older catalogue get new ones, a thousand items to each, so that nobody who follows them gets all at once.
ALTER TABLE item ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
UPDATE item SET changed = (SELECT generation FROM catalog) + 1 + numbered.place / 1000
FROM (SELECT kind, id, row_number() OVER (ORDER BY kind, id) - 1 AS place FROM item) AS numbered
WHERE item.kind = numbered.kind AND item.id = numbered.id;
CREATE INDEX item_changed ON item (changed);

-- The generation that the catalogue was begun or last emptied at: whoever knows an earlier one knows another catalogue.
ALTER TABLE catalog ADD COLUMN floor INTEGER NOT NULL DEFAULT 0;
UPDATE catalog SET floor = generation, generation = coalesce((SELECT max(changed) FROM item), generation);

-- Items taken down are moved here, so that no read has to leave any out.
CREATE TABLE takedown (
    kind INTEGER NOT NULL, id TEXT NOT NULL, wire BLOB NOT NULL, changed INTEGER NOT NULL,
    PRIMARY KEY (kind, id)
) WITHOUT ROWID;

-- Who took what down and restored it, and why; see services/kit/journal.py.
CREATE TABLE journal (
    sequence INTEGER PRIMARY KEY, at TEXT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL,
    reason TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL
);
