-- title: Every reversal names an earlier entry, and no entry is reversed twice
-- why: what is taken back twice is taken from somebody else.
SELECT reversal.seq AS entry, reversal.reverses
FROM entry AS reversal
WHERE reversal.reverses <> 0
    AND (
        reversal.reverses NOT BETWEEN 1 AND reversal.seq - 1
        OR EXISTS (
            SELECT 1 FROM entry AS other
            WHERE other.reverses = reversal.reverses AND other.seq < reversal.seq
        )
    )
ORDER BY reversal.seq
