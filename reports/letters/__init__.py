"""Letters to donors: the receipt for a contribution.

Knows words, figures and how things look.
"""
