"""What is known now, computed from the journal: registers of facts and balances, as of two clocks.

Each can be thrown away and rebuilt. Knows how books are kept.
"""
