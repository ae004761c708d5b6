"""Scenarios: the scenario file, the money and offers that it counts, and the problem built from them.

May import the programme, the engine and the books of a term.
"""
