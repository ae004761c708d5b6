"""Rules as a planner writes them: for each array of tables in a scenario file, its keys and its rule.

`registry` lists the arrays. A module here knows the programme and the class of its rule in
`allocation.engine.rules`; it does not know the scenario that the table is in.
"""
