"""The answer: plans with explanations, their approval as allocation entries, and changes of an allocation.

Knows scenarios and the engine.
"""
