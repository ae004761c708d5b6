-- title: Every balance is the sum of its lines
-- why: figures are answered from the register of balances, which is kept with every entry; the lines are
-- the truth.
SELECT
    account, term, agreement, activity, grant_code, bank_account, donor, currency,
    sum(amount) AS amount_too_much, sum(usd) AS usd_too_much
FROM (
    SELECT account, term, agreement, activity, grant_code, bank_account, donor, currency, amount, usd
    FROM balance
    UNION ALL
    SELECT account, term, agreement, activity, grant_code, bank_account, donor, currency, -amount, -usd
    FROM line
) AS compared
GROUP BY account, term, agreement, activity, grant_code, bank_account, donor, currency
HAVING sum(amount) <> 0 OR sum(usd) <> 0
ORDER BY 1, 2, 3, 4, 5, 6, 7, 8
