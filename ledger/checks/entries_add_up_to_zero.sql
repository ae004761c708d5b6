-- title: Every entry adds up to zero in each term and currency, and in US dollars
-- why: double entry; memo accounts (9xxx) balance among themselves, and so are a sum of their own.
SELECT entry, term, currency, CASE WHEN account LIKE '9%' THEN 'memo' ELSE 'money' END AS what, sum(amount) AS amount
FROM line
GROUP BY entry, term, currency, CASE WHEN account LIKE '9%' THEN 'memo' ELSE 'money' END
HAVING sum(amount) <> 0
UNION ALL
SELECT entry, term, 'value in USD' AS currency, CASE WHEN account LIKE '9%' THEN 'memo' ELSE 'money' END AS what, sum(usd) AS amount
FROM line
GROUP BY entry, term, CASE WHEN account LIKE '9%' THEN 'memo' ELSE 'money' END
HAVING sum(usd) <> 0
ORDER BY 1, 2, 3
