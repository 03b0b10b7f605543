-- Everything about one item is in its wire bytes, so that a read is one look-up and nothing is put together.
CREATE TABLE item (
    kind INTEGER NOT NULL, id TEXT NOT NULL, wire BLOB NOT NULL,
    PRIMARY KEY (kind, id)
) WITHOUT ROWID;

-- The lists of tracks: an album's in playing order, an artist's by falling popularity (place is minus popularity).
CREATE TABLE placement (
    owner_kind INTEGER NOT NULL, owner TEXT NOT NULL, place INTEGER NOT NULL, track TEXT NOT NULL,
    PRIMARY KEY (owner_kind, owner, place, track)
) WITHOUT ROWID;

-- One row. The counts are kept, since counting millions of rows takes seconds.
CREATE TABLE catalog (
    generation INTEGER NOT NULL, artists INTEGER NOT NULL, albums INTEGER NOT NULL, tracks INTEGER NOT NULL
);
INSERT INTO catalog VALUES (0, 0, 0, 0);
