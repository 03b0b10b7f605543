-- Everything about one item is in its wire bytes, so that a read is one look-up and nothing is put together. What
-- stands beside them is for people who look on: no statement of the program reads it.
-- Ids are ordered by their bytes, as in every other store.
CREATE TABLE catalog.item (
    kind smallint NOT NULL,
    id text COLLATE "C" NOT NULL,
    wire bytea NOT NULL,
    title text NOT NULL,
    credit text NOT NULL,
    popularity bigint NOT NULL,
    PRIMARY KEY (kind, id)
);

CREATE VIEW catalog.artists AS SELECT id, title AS name, popularity FROM catalog.item WHERE kind = 1;
CREATE VIEW catalog.albums AS SELECT id, title, credit, popularity FROM catalog.item WHERE kind = 2;
CREATE VIEW catalog.tracks AS SELECT id, title, credit, popularity FROM catalog.item WHERE kind = 3;

-- The lists of tracks: an album's in playing order, an artist's by falling popularity (place is minus popularity).
CREATE TABLE catalog.placement (
    owner_kind smallint NOT NULL,
    owner text COLLATE "C" NOT NULL,
    place bigint NOT NULL,
    track text COLLATE "C" NOT NULL,
    PRIMARY KEY (owner_kind, owner, place, track)
);

-- One row, which every writer locks first: so changes are committed in the order of their generations. The counts are
-- kept, since counting millions of rows takes seconds.
CREATE TABLE catalog.state (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    generation bigint NOT NULL,
    artists bigint NOT NULL,
    albums bigint NOT NULL,
    tracks bigint NOT NULL
);
INSERT INTO catalog.state (generation, artists, albums, tracks) VALUES (0, 0, 0, 0);
