"""A planner's question: the scenario file, the money and offers that count, and the problem made of them.

Knows the programme and the term's allocation.
"""
