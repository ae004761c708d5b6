"""Letters to donors: the receipt for a contribution.

Built on words, figures, rendering and the verification code of statements.
"""
