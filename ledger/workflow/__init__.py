"""The workflow before an entry: proposals that wait for another person, and dry runs that record nothing.

Imports `journal` and the rooms below it.
"""
