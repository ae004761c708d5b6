-- title: Every file that an entry names as evidence is in the book
-- why: an agreement or a bank advice that cannot be shown proves nothing. (A name is the text "sha256" with
-- its hash in the event; counted, because SQLite and PostgreSQL read JSON differently. 10 and 75 are the
-- lengths of a name's beginning and of a whole name.)
SELECT entry.seq AS entry, entry.kind, (length(payload) - length(replace(payload, '"sha256":"', ''))) / 10 AS named
FROM entry
WHERE payload LIKE '%"sha256":"%'
    AND (length(payload) - length(replace(payload, '"sha256":"', ''))) / 10 <> (
        SELECT coalesce(sum((length(payload) - length(replace(payload, '"sha256":"' || sha256 || '"', ''))) / 75), 0)
        FROM evidence
    )
ORDER BY entry.seq
