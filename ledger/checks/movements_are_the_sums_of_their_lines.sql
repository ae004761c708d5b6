-- title: Every month's movement is the sum of its lines
-- why: balances at the end of a month are answered from the register of movements; the lines are the truth.
SELECT account, month, term, currency, sum(amount) AS amount_too_much, sum(usd) AS usd_too_much
FROM (
    SELECT account, month, term, currency, amount, usd FROM movement
    UNION ALL
    SELECT line.account, substr(entry.effective_on, 1, 7), line.term, line.currency, -line.amount, -line.usd
    FROM line JOIN entry ON entry.seq = line.entry
) AS compared
GROUP BY account, month, term, currency
HAVING sum(amount) <> 0 OR sum(usd) <> 0
ORDER BY 1, 2, 3, 4
