-- title: No balance stands on the side where it may not stand
-- why: there is no cash below zero, and nobody's money is given twice.
SELECT
    balance.account, account.name, balance.term, balance.agreement, balance.activity, balance.grant_code,
    balance.bank_account, balance.donor, balance.currency, balance.amount
FROM balance JOIN account ON account.code = balance.account
WHERE balance.amount * account.sign < 0
ORDER BY 1, 3, 4, 5, 6, 7, 8, 9
