"""The planner's desk: programme, plans and their analysis, allocations, results and news."""
