"""What is agreed: pledges, agreements, earmarks, instalments, conditions, what is due and how long it is overdue.

Knows `donors.donor` and `donors.offers`.
"""
