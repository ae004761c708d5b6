-- title: No line stands without its entry
-- why: a line without an entry has no date, no maker and no seal, and still moves a sum.
SELECT line.entry, line.no, line.account, line.currency, line.amount
FROM line LEFT JOIN entry ON entry.seq = line.entry
WHERE entry.seq IS NULL
ORDER BY line.entry, line.no
