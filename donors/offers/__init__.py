"""Offers of contributions, recorded one by one or imported from the questionnaire to member cities.

Knows `donors.donor`.
"""
