"""The words of reports: catalogues of languages, labels, earmark sentences and percentages.

The lowest sub-package of `reports`: it imports no other.
"""
