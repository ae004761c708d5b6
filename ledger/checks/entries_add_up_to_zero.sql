-- title: Every entry adds up to zero in each term and currency, and in US dollars
-- why: double entry; memo accounts (9xxx) balance among themselves, and so are a sum of their own.
SELECT entry, term, what, currency, sum(amount) AS amount
FROM (
    SELECT
        entry, term, CASE WHEN account LIKE '9%' THEN 'memo' ELSE 'money' END AS what, currency, amount
    FROM line
    UNION ALL
    SELECT
        entry, term, CASE WHEN account LIKE '9%' THEN 'memo' ELSE 'money' END AS what, 'value in USD', usd
    FROM line
) AS counted
GROUP BY entry, term, what, currency
HAVING sum(amount) <> 0
ORDER BY 1, 2, 3, 4
