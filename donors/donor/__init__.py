"""Donors, their contact persons, the screening of private donors, and the statements issued to them.

Knows `donors.sheets` and geography.
"""
