"""The command line: modules that commands share, and a folder of commands for each desk.

A command reads its options, calls the packages and prints; no rule of the books is here. A desk imports no
other desk.
"""
