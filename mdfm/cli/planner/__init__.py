"""The planner's desk: programme, plans and what is asked of them, allocations, results and news."""
