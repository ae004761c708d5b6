"""The doors to a fund: `mdfm.api` for programs, the command line, and the example that `mdfm demo` plays."""

__version__ = "0.3.0"
"""The version of the program; pyproject.toml has the same."""
