"""What could be funded: the programme of a term, its activities, cities, clusters and indicators.

Knows `allocation.engine.problem` for its units, and no money.
"""
