"""The fund's own bank accounts: opened, charged, money changed between them, interest, revaluation.

Knows `donors.agreement`, whose money a charge is borne by.
"""
