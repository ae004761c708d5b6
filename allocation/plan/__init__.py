"""Plans with explanations, their approval as allocation entries, and changes of an allocation.

May import scenarios and the rooms below them.
"""
