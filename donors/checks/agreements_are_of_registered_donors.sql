-- title: Every agreement and pledge is with a donor that was registered before
-- why: an agreement without a donor is money from nobody.
SELECT 'agreement' AS what, agreement.code, agreement.donor
FROM agreement
WHERE NOT EXISTS (SELECT 1 FROM donor WHERE donor.code = agreement.donor AND donor.seq < agreement.seq)
UNION ALL
SELECT 'pledge' AS what, pledge.code, pledge.donor
FROM pledge
WHERE NOT EXISTS (SELECT 1 FROM donor WHERE donor.code = pledge.donor AND donor.seq < pledge.seq)
ORDER BY 1, 2
