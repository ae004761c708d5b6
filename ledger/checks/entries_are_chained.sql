-- title: Every entry names the hash of the entry before it
-- why: the chain is what makes a change to an old entry visible in every later one.
SELECT entry.seq AS entry, entry.prev AS names, before.hash AS hash_before
FROM entry JOIN entry AS before ON before.seq = entry.seq - 1
WHERE entry.prev <> before.hash
ORDER BY entry.seq
