"""Delivery: grants, expenditure, support cost, results and news.

May import the programme, the books of a term and the engine.
"""
