-- title: Every grant that is committed or paid in a line was agreed with a partner, before or with it
-- why: an advance to nobody cannot be asked back.
SELECT line.grant_code, min(line.entry) AS first_entry, count(*) AS lines
FROM line
WHERE (line.account = '1300' OR line.account LIKE '92%')
    AND NOT EXISTS (
        SELECT 1 FROM grant_agreement AS agreed
        WHERE agreed.code = line.grant_code AND agreed.seq <= line.entry
    )
GROUP BY line.grant_code
ORDER BY line.grant_code
