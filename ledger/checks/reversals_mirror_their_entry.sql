-- title: Every reversal is the exact mirror of the one entry before it that it takes back
-- why: a correction that does more than to take back is another event, and needs its own reason.
SELECT
    reversal.seq AS entry, reversal.reverses, line.no, line.account,
    sum(line.amount) AS amount, sum(line.usd) AS usd
FROM entry AS reversal JOIN line ON line.entry IN (reversal.seq, reversal.reverses)
WHERE reversal.reverses <> 0
GROUP BY
    reversal.seq, reversal.reverses, line.no, line.account, line.term, line.agreement, line.activity,
    line.grant_code, line.bank_account, line.donor, line.currency
HAVING sum(line.amount) <> 0 OR sum(line.usd) <> 0
ORDER BY 1, 3, 4
