"""The command line of the books, and the example that `mdfm demo` plays."""

__version__ = "0.2.0"
"""The version of the program; pyproject.toml has the same."""
