-- title: Nothing is booked under an agreement after it was closed
-- why: what is closed was settled with its donor; only the end of a year and of a term settles its accounts.
SELECT line.entry, line.no, entry.kind, line.agreement, closed_agreement.closed_on
FROM closed_agreement
JOIN line ON line.agreement = closed_agreement.code AND line.entry > closed_agreement.seq
JOIN entry ON entry.seq = line.entry
LEFT JOIN entry AS taken_back ON taken_back.seq = entry.reverses
WHERE (closed_agreement.reversed_by = 0 OR line.entry < closed_agreement.reversed_by)
    AND coalesce(taken_back.kind, entry.kind) NOT IN ('year ended', 'term closed')
ORDER BY line.entry, line.no
