"""IATI files: what the public is told about the fund and its activities, in the standard 2.03.

Knows words and figures.
"""
