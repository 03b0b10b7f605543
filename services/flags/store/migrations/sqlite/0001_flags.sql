-- Who wrote what and why; see services/kit/journal.py. The sequence is the generation, the detail the definition that
-- the write led to.
CREATE TABLE journal (
    sequence INTEGER PRIMARY KEY, at TEXT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL,
    reason TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL, detail TEXT NOT NULL
);
CREATE INDEX journal_subject ON journal (subject, sequence);
CREATE INDEX journal_adoption ON journal (sequence) WHERE action = 'adopt';

-- What the journal has led to, so that nobody has to read all of it: each flag as its last entry has it.
CREATE TABLE flag (
    key TEXT PRIMARY KEY, definition TEXT NOT NULL, version INTEGER NOT NULL, changed_at TEXT NOT NULL
) WITHOUT ROWID;
