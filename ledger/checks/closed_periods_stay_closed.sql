-- title: No money moved in a period while it was closed
-- why: a closed period has been reported to donors; a correction is a reversal in an open one.
SELECT entry.seq AS entry, entry.kind, entry.effective_on, shut.period
FROM entry JOIN period AS shut
    ON shut.period IN (substr(entry.effective_on, 1, 7), substr(entry.effective_on, 1, 4))
WHERE entry.line_count > 0
    AND shut.closed = 1
    AND shut.seq = (
        SELECT max(latest.seq) FROM period AS latest
        WHERE latest.period = shut.period AND latest.seq < entry.seq
    )
ORDER BY entry.seq
