"""The engine: a problem in whole numbers, its model, the solvers behind it, and what proves an answer.

Nothing here knows the books: `allocation.question` asks, this answers.
"""
