"""The programme of a term: activities that could be funded, with their cities, clusters and indicators.

Uses only the constants of `allocation.engine.problem`, and no money.
"""
