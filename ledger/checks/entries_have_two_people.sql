-- title: No entry that moves money was approved by its maker, or by nobody
-- why: four eyes; one person alone must not be able to move a donor's money.
SELECT seq AS entry, kind, made_by, approved_by
FROM entry
WHERE made_by = '' OR made_by = approved_by OR (line_count > 0 AND approved_by = '')
ORDER BY seq
