"""Who gives: donors, their contact persons, screening of private donors, and the statements issued to them.

Knows `donors.sheets` and geography.
"""
