"""What an entry is: the events it records, its lines, their canonical form, and its seal.

The lowest room of the books: it knows money, errors and accounts only.
"""
