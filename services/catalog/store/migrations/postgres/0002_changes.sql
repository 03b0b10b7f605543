-- The generation of an item's last change: its version, and its place in the feed of changes.
-- Those of an older catalogue get new ones, a thousand items to each, so that nobody who follows them gets all at once.
ALTER TABLE catalog.item ADD COLUMN changed bigint NOT NULL DEFAULT 0;
UPDATE catalog.item SET changed = (SELECT generation FROM catalog.state) + 1 + numbered.place / 1000
FROM (SELECT kind, id, row_number() OVER (ORDER BY kind, id) - 1 AS place FROM catalog.item) AS numbered
WHERE item.kind = numbered.kind AND item.id = numbered.id;
ALTER TABLE catalog.item ALTER COLUMN changed DROP DEFAULT;
CREATE INDEX item_changed ON catalog.item (changed);

-- The generation at which the catalogue was last begun or emptied: of what was before it, nothing is known any more.
ALTER TABLE catalog.state ADD COLUMN floor bigint NOT NULL DEFAULT 0;
UPDATE catalog.state SET floor = generation, generation = coalesce((SELECT max(changed) FROM catalog.item), generation);

-- An item taken down is moved here, so that no read has to know of takedowns.
CREATE TABLE catalog.takedown (
    kind smallint NOT NULL,
    id text COLLATE "C" NOT NULL,
    wire bytea NOT NULL,
    changed bigint NOT NULL,
    PRIMARY KEY (kind, id)
);
CREATE INDEX takedown_changed ON catalog.takedown (changed);

-- Who changed what by hand, and why, each entry holding the hash of the one before. The time is the text that is hashed.
CREATE TABLE catalog.journal (
    sequence bigint PRIMARY KEY,
    at text NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    reason text NOT NULL,
    previous text NOT NULL,
    hash text NOT NULL
);
