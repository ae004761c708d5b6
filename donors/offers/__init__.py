"""What cities say they can contribute, one by one or from the questionnaire.

Knows `donors.donor`.
"""
