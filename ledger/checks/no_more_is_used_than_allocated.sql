-- title: No more of an agreement's money is used and committed than it has for the purpose
-- why: each donor's money is used for what it was given for, and once; a row is in US dollar cents.
SELECT term, agreement, activity, allocated, used, committed
FROM allotment
WHERE used + committed > allocated OR used < 0 OR committed < 0
ORDER BY term, agreement, activity
