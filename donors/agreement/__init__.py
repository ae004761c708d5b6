"""Agreements: pledges, signed agreements, earmarks, instalments, conditions, what is due and overdue.

Knows `donors.donor` and `donors.offers`.
"""
