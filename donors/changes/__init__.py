"""What changes later: amendments, transfers, refunds, write-offs, and what a changed rate or screening touches.

Knows `donors.contribution` and all below it.
"""
