-- title: Every agreement in a line was signed, or is a gift that was received, before or with it
-- why: money under an agreement that nobody signed has no donor to account to.
SELECT line.agreement, min(line.entry) AS first_entry, count(*) AS lines
FROM line
WHERE line.agreement <> ''
    AND NOT EXISTS (
        SELECT 1 FROM agreement WHERE agreement.code = line.agreement AND agreement.seq <= line.entry
    )
GROUP BY line.agreement
ORDER BY line.agreement
