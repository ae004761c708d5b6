"""Contributions: money, unidentified receipts, goods and services in kind.

Knows `donors.agreement` and `donors.bank_accounts`.
"""
