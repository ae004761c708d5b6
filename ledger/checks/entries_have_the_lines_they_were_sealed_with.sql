-- title: Every entry has the lines that it was sealed with, two at least, or none
-- why: a line that was added or taken out changes what the entry did.
SELECT entry.seq AS entry, entry.line_count AS sealed_with, count(line.no) AS has
FROM entry LEFT JOIN line ON line.entry = entry.seq
GROUP BY entry.seq, entry.line_count
HAVING count(line.no) <> entry.line_count
    OR entry.line_count = 1
    OR coalesce(min(line.no), 1) <> 1
    OR coalesce(max(line.no), 0) <> count(line.no)
ORDER BY entry.seq
