"""A donor's accountability statement: built from the lines, drawn, issued, and checked when it comes back.

Knows the fund's reports.
"""
