"""The example that `mdfm demo` plays: the term 2021-2023 with example donors, rates and results."""
