-- title: A line in US dollars is worth its amount, and accounts kept in dollars have no other currency
-- why: a dollar is worth a dollar; what donors gave is owed in the dollars that it was worth on arrival.
SELECT line.entry, line.no, line.account, line.currency, line.amount, line.usd
FROM line LEFT JOIN account ON account.code = line.account
WHERE (line.currency = 'USD' AND line.amount <> line.usd)
    OR (line.currency <> 'USD' AND account.fund_currency_only = 1)
ORDER BY line.entry, line.no
