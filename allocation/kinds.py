"""The kinds of events by which money is allocated and granted."""

from allocation import grant, plan, programme

KINDS = (*programme.KINDS, *plan.KINDS, *grant.KINDS)
