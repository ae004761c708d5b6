-- title: Every line is on an account of the chart, and carries the dimensions that the account requires
-- why: a cent without its agreement cannot be told to a donor any more.
SELECT line.entry, line.no, line.account, account.requires
FROM line LEFT JOIN account ON account.code = line.account
WHERE account.code IS NULL
    OR line.term = ''
    OR (account.requires LIKE '%agreement%' AND line.agreement = '')
    OR (account.requires LIKE '%activity%' AND line.activity = '')
    OR (account.requires LIKE '%grant_code%' AND line.grant_code = '')
    OR (account.requires LIKE '%bank_account%' AND line.bank_account = '')
    OR (account.requires LIKE '%donor%' AND line.donor = '')
ORDER BY line.entry, line.no
