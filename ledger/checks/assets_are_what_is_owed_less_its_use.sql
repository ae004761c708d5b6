-- title: Assets are liabilities less the use of funds, in each term and currency
-- why: the fund has no income of its own; whatever it has is owed to donors until it is used.
SELECT
    term,
    currency,
    sum(CASE WHEN account LIKE '1%' THEN amount ELSE 0 END) AS assets,
    -sum(CASE WHEN account LIKE '2%' THEN amount ELSE 0 END) AS liabilities,
    sum(CASE WHEN account LIKE '3%' THEN amount ELSE 0 END) AS used
FROM balance
WHERE account NOT LIKE '9%'
GROUP BY term, currency
HAVING sum(amount) <> 0
ORDER BY term, currency
