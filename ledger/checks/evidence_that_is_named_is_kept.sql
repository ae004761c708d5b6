-- title: Every file that an entry names as evidence is in the book
-- why: an agreement or a bank advice that cannot be shown proves nothing. A name in an event is the text
-- "sha256" with its hash; names are counted by what is left without them, because SQLite and PostgreSQL read
-- JSON differently: 10 is the length of a name's beginning, 75 that of a whole name.
SELECT seq AS entry, kind, named, kept
FROM (
    SELECT
        seq, kind,
        (length(payload) - length(replace(payload, '"sha256":"', ''))) / 10 AS named,
        (
            SELECT coalesce(
                sum((length(payload) - length(replace(payload, '"sha256":"' || sha256 || '"', ''))) / 75), 0
            )
            FROM evidence
        ) AS kept
    FROM entry
    WHERE payload LIKE '%"sha256":"%'
) AS counted
WHERE named <> kept
ORDER BY seq
