"""Delivery: grants, expenditure, support cost, results and news.

May import the programme and the books of a term.
"""
