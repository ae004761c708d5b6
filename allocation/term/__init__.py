"""The books of a term: year end, close and carry-over, and the term's figures without those settling entries.

Knows the programme.
"""
