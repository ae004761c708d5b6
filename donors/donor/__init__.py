"""Donors, their contact persons, the screening of private donors, and the statements issued to them.

Knows `donors.sheets` and the modules below it, such as `donors.geography`.
"""
