"""Carrying out: grants, expenditure, support cost, results and news.

Knows the programme and the term.
"""
