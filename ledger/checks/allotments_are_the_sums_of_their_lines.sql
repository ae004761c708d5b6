-- title: Every allotment is the sum of its lines
-- why: what may still be spent of a donor's money is answered from the register of allotments; the lines
-- are the truth.
SELECT
    term, agreement, activity,
    sum(allocated) AS allocated_too_much, sum(used) AS used_too_much, sum(committed) AS committed_too_much
FROM (
    SELECT term, agreement, activity, allocated, used, committed FROM allotment
    UNION ALL
    SELECT
        term, agreement, activity,
        CASE WHEN account IN ('2200', '2300') THEN usd ELSE 0 END,
        CASE WHEN account LIKE '31%' OR account = '3900' THEN -usd ELSE 0 END,
        CASE WHEN account = '9200' THEN -usd ELSE 0 END
    FROM line
) AS compared
GROUP BY term, agreement, activity
HAVING sum(allocated) <> 0 OR sum(used) <> 0 OR sum(committed) <> 0
ORDER BY term, agreement, activity
