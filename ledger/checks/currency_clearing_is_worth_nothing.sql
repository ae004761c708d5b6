-- title: Currency clearing (1900) is worth nothing in US dollars, in any entry
-- why: money that changes currency passes through it; a value that stays there is a gain or loss that
-- nobody booked.
SELECT entry, sum(usd) AS usd
FROM line
WHERE account = '1900'
GROUP BY entry
HAVING sum(usd) <> 0
ORDER BY entry
