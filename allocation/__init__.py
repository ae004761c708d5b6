"""Where the money goes: the programme, scenarios, plans, and grants that carry them out."""

from allocation.approval import PlanApproved, approve_plan, asked_again, lists_day
from allocation.around.alternatives import Alternative, Alternatives, find_alternatives
from allocation.around.changes import Change
from allocation.around.compare import Comparison, Effect, Effects, compare_plans
from allocation.around.explanation import Explanation, paragraphs
from allocation.around.goal import Goal, ask_with_goals
from allocation.around.grid import Variation, read_settings, vary
from allocation.around.pareto import Point, Price, front, price
from allocation.around.risk import Chance, Promise, Risk, assess_risk
from allocation.around.sensitivity import Sensitivity, Step, measure_sensitivity
from allocation.around.sweep import SweepResult, sweep
from allocation.around.why import Why, explain_activity
from allocation.around.workers import on_cluster, on_cores
from allocation.catalogue import clusters, editions, programme_activities, work_areas
from allocation.eligibility import allows, membership, share_reaching
from allocation.engine.certify import CertificateError
from allocation.engine.conflict import Infeasible
from allocation.execution import Executed, Execution, View, execution
from allocation.expenditure import (
    Expenditure,
    ExpenditureIncurred,
    ExpenditurePaid,
    get_expenditure,
    owed_for,
)
from allocation.grant import (
    AdvanceReturned,
    AdvanceWrittenOff,
    CommitmentCancelled,
    ExpenditureReported,
    Grant,
    GrantCommitted,
    TranchePaid,
    get_grant,
    grant_balance,
    grants,
    results_of,
)
from allocation.kinds import KINDS
from allocation.plan import Award, Flow, Plan, Tier, read_plan
from allocation.planning import NoPlan, run
from allocation.programme import (
    Activity,
    PlannedCity,
    ProgrammeAdopted,
    activities,
    activities_by_code,
    adopt,
    get_activity,
)
from allocation.programme_file import adopt_file
from allocation.reallocation import AllocationMoved, AllocationReduced
from allocation.scenario import Scenario
from allocation.scenario_file import read_scenario
from allocation.support_cost import (
    SupportCostAgreed,
    SupportCostCharged,
    SupportCostPaid,
    support_cost_rates,
)
from allocation.term_close import TermClosed
from allocation.term_lines import lines_of_term
from allocation.year_end import YearEnded

__all__ = [
    "KINDS",
    "Activity",
    "AdvanceReturned",
    "AdvanceWrittenOff",
    "AllocationMoved",
    "AllocationReduced",
    "Alternative",
    "Alternatives",
    "Award",
    "CertificateError",
    "Chance",
    "Change",
    "CommitmentCancelled",
    "Comparison",
    "Effect",
    "Effects",
    "Executed",
    "Execution",
    "Expenditure",
    "ExpenditureIncurred",
    "ExpenditurePaid",
    "ExpenditureReported",
    "Explanation",
    "Flow",
    "Goal",
    "Grant",
    "GrantCommitted",
    "Infeasible",
    "NoPlan",
    "Plan",
    "PlanApproved",
    "PlannedCity",
    "Point",
    "Price",
    "ProgrammeAdopted",
    "Promise",
    "Risk",
    "Scenario",
    "Sensitivity",
    "Step",
    "SupportCostAgreed",
    "SupportCostCharged",
    "SupportCostPaid",
    "SweepResult",
    "TermClosed",
    "Tier",
    "TranchePaid",
    "Variation",
    "View",
    "Why",
    "YearEnded",
    "activities",
    "activities_by_code",
    "adopt",
    "adopt_file",
    "allows",
    "approve_plan",
    "ask_with_goals",
    "asked_again",
    "assess_risk",
    "clusters",
    "compare_plans",
    "editions",
    "execution",
    "explain_activity",
    "find_alternatives",
    "front",
    "get_activity",
    "get_expenditure",
    "get_grant",
    "grant_balance",
    "grants",
    "lines_of_term",
    "lists_day",
    "measure_sensitivity",
    "membership",
    "on_cluster",
    "on_cores",
    "owed_for",
    "paragraphs",
    "price",
    "programme_activities",
    "read_plan",
    "read_scenario",
    "read_settings",
    "results_of",
    "run",
    "share_reaching",
    "support_cost_rates",
    "sweep",
    "vary",
    "work_areas",
]
