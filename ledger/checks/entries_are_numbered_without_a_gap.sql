-- title: Entries are numbered from 1 without a gap
-- why: a number that is missing is an entry that somebody took out of the journal.
SELECT seq AS entry, seq - 1 AS missing
FROM entry
WHERE seq <> 1 AND NOT EXISTS (SELECT 1 FROM entry AS before WHERE before.seq = entry.seq - 1)
ORDER BY seq
