"""What is said, in three languages: catalogues, labels, sentences about earmarks, and rounded percentages.

The lowest room of reports.
"""
