-- Who wrote what and why, each entry holding the hash of the one before. The sequence is the generation, the detail the
-- definition that the write led to. The time is the text that is hashed; keys are ordered by their bytes.
CREATE TABLE flags.journal (
    sequence bigint PRIMARY KEY,
    at text NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    subject text COLLATE "C" NOT NULL,
    reason text NOT NULL,
    previous text NOT NULL,
    hash text NOT NULL,
    detail text NOT NULL
);
CREATE INDEX journal_subject ON flags.journal (subject, sequence);
CREATE INDEX journal_adoption ON flags.journal (sequence) WHERE action = 'adopt';

-- What the journal has led to, so that nobody has to read all of it: each flag as its last entry has it.
CREATE TABLE flags.flag (
    key text COLLATE "C" PRIMARY KEY,
    definition text NOT NULL,
    version bigint NOT NULL,
    changed_at text NOT NULL
);

-- Who is served by which server. It is of use for seconds, so that nothing of it has to outlast a crash.
CREATE UNLOGGED TABLE flags.roster (
    server text PRIMARY KEY,
    roster text NOT NULL,
    shared_at timestamptz NOT NULL
);
