"""The books of a term: year end, close and carry-over, and figures without those settling entries.

May import the programme.
"""
