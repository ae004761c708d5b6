-- title: Cash moves on bank accounts that were opened before, in their own currency
-- why: a bank account has one currency; money in another one is not on it.
SELECT line.entry, line.no, line.bank_account, line.currency, line.amount
FROM line
WHERE line.account = '1100'
    AND NOT EXISTS (
        SELECT 1 FROM bank_account
        WHERE bank_account.code = line.bank_account
            AND bank_account.currency = line.currency
            AND bank_account.seq < line.entry
    )
ORDER BY line.entry, line.no
