"""What happens before an entry: proposals that wait for another person, and dry runs that record nothing.

Knows the journal.
"""
