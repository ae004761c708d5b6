"""What changes later: amendments, transfers, refunds, write-offs; what a new rate or screening touches.

Knows `donors.contribution` and all below it.
"""
