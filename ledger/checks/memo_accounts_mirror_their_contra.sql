-- title: Every memo account is the mirror of its contra account, with the same dimensions
-- why: pledges, commitments and services in kind are disclosed and not recognised, so each pair adds up to
-- nothing.
SELECT
    substr(account, 1, 2) AS pair, term, agreement, activity, grant_code, donor, currency,
    sum(amount) AS amount, sum(usd) AS usd
FROM balance
WHERE account LIKE '9%'
GROUP BY substr(account, 1, 2), term, agreement, activity, grant_code, donor, currency
HAVING sum(amount) <> 0 OR sum(usd) <> 0
ORDER BY 1, 2, 3, 4, 5, 6, 7
