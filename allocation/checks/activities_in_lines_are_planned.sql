-- title: Every activity in a line is in a programme that was adopted before
-- why: money is allocated and used for activities of the programme, and for nothing else.
SELECT line.activity, min(line.entry) AS first_entry, count(*) AS lines
FROM line
WHERE line.activity <> ''
    AND NOT EXISTS (
        SELECT 1 FROM planned_activity AS planned
        WHERE planned.code = line.activity AND planned.seq < line.entry
    )
GROUP BY line.activity
ORDER BY line.activity
