"""Donor's accountability statement: built from journal lines, rendered, issued, and checked when returned.

Built on the fund's reports.
"""
