"""IATI files: what the fund and its activities publish, in the IATI standard 2.03.

Built on words and figures.
"""
