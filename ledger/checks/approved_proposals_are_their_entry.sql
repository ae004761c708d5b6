-- title: Every approved proposal is the entry that it became, with the same event and the same two people
-- why: what the second person approved must be what was booked.
SELECT proposal.id AS proposal, proposal.kind, proposal.made_by, proposal.decided_by, proposal.entry
FROM proposal LEFT JOIN entry
    ON entry.seq = proposal.entry
    AND entry.kind = proposal.kind
    AND entry.version = proposal.version
    AND entry.payload = proposal.payload
    AND entry.made_by = proposal.made_by
    AND entry.approved_by = proposal.decided_by
WHERE proposal.status = 'approved' AND entry.seq IS NULL
ORDER BY proposal.id
