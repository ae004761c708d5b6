"""Storage: the tables, units of work with a cache and bulk writes, evidence files, atomic files.

Imports `entry` and the modules below it; it does not know what events mean.
"""
