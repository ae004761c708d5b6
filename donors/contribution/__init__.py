"""What arrives: contributions in money, money from unknown senders, goods and services in kind.

Knows `donors.agreement` and `donors.accounts`.
"""
