"""Later changes: amendments, transfers, refunds, write-offs; the effects of corrected rates and screenings.

Knows `donors.contribution` and all below it.
"""
