-- title: Every line is in a term that was opened before
-- why: each term balances by itself, so money outside of every term is in no report.
SELECT line.term, min(line.entry) AS first_entry, count(*) AS lines
FROM line
WHERE NOT EXISTS (SELECT 1 FROM term WHERE term.code = line.term AND term.seq < line.entry)
GROUP BY line.term
ORDER BY line.term
