"""The words of reports in three languages: catalogues, labels, earmark sentences and percentages.

The lowest sub-package of `reports`: it imports no other.
"""
