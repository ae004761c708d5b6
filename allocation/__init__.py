"""Allocation of the fund's money: programme, scenarios, plans, and the grants that carry them out."""

from allocation.agreement_close import AgreementClosed, Unsettled, closing_steps
from allocation.analysis.alternatives import Alternative, Alternatives, find_alternatives
from allocation.analysis.changes import ScenarioChange
from allocation.analysis.compare import Comparison, Effect, Effects, compare_plans
from allocation.analysis.goal import Goal, build_problem_with_goals
from allocation.analysis.grid import Variation, read_settings, vary
from allocation.analysis.pareto import Point, Price, front, price
from allocation.analysis.processes import side_by_side
from allocation.analysis.risk import Chance, Promise, Risk, assess_risk
from allocation.analysis.sensitivity import Sensitivity, Step, measure_sensitivity
from allocation.analysis.sweep import SweepResult, sweep
from allocation.analysis.why import Why, explain_activity
from allocation.analysis.workers import on_cluster, on_cores
from allocation.delivery.expenditure import (
    Expenditure,
    ExpenditureIncurred,
    ExpenditurePaid,
    expenditures,
    owed_for,
    payables,
)
from allocation.delivery.grant import (
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
from allocation.delivery.news import News, NewsDue, NewsReported, clusters_of, news_due, news_of
from allocation.delivery.result import (
    Achievement,
    Result,
    ResultReported,
    achievements,
    against_targets,
    results,
)
from allocation.delivery.support_cost import (
    SupportCostAgreed,
    SupportCostCharged,
    SupportCostPaid,
    support_cost_rates,
)
from allocation.engine.certify import CertificateError
from allocation.engine.iis import Infeasible
from allocation.engine.self_check import solver_fault
from allocation.event_types import KINDS
from allocation.plan.approval import PlanApproved, approve_plan, lists_day
from allocation.plan.conflict_of_interest import OwnCity, own_cities_allocated, own_city_among
from allocation.plan.earmark_reach import EarmarkReach, reach_of_earmark
from allocation.plan.explanation import Explanation, paragraphs
from allocation.plan.plan import Award, Flow, Plan, Tier, read_plan
from allocation.plan.reallocation import AllocationMoved, AllocationReduced
from allocation.planning import NoPlan, make_plan
from allocation.programme.activity import PlannedCity
from allocation.programme.adoption import adopt
from allocation.programme.catalogue import clusters, editions, programme_activities, work_areas
from allocation.programme.earmark_eligibility import membership, share_reaching
from allocation.programme.file import adopt_file
from allocation.programme.indicator import INDICATORS, Indicator
from allocation.programme.programme import (
    Activity,
    ProgrammeAdopted,
    activities,
    activities_by_code,
    get_activity,
)
from allocation.scenario.file import read_scenario
from allocation.scenario.scenario import Scenario
from allocation.term.execution import Executed, Execution, View, execution
from allocation.term.position import Position, position
from allocation.term.term_close import TermClosed
from allocation.term.term_lines import TermSums, lines_of_term
from allocation.term.year_end import YearEnded

__all__ = [
    "INDICATORS",
    "KINDS",
    "Achievement",
    "Activity",
    "AdvanceReturned",
    "AdvanceWrittenOff",
    "AgreementClosed",
    "AllocationMoved",
    "AllocationReduced",
    "Alternative",
    "Alternatives",
    "Award",
    "CertificateError",
    "Chance",
    "CommitmentCancelled",
    "Comparison",
    "EarmarkReach",
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
    "Indicator",
    "Infeasible",
    "News",
    "NewsDue",
    "NewsReported",
    "NoPlan",
    "OwnCity",
    "Plan",
    "PlanApproved",
    "PlannedCity",
    "Point",
    "Position",
    "Price",
    "ProgrammeAdopted",
    "Promise",
    "Result",
    "ResultReported",
    "Risk",
    "Scenario",
    "ScenarioChange",
    "Sensitivity",
    "Step",
    "SupportCostAgreed",
    "SupportCostCharged",
    "SupportCostPaid",
    "SweepResult",
    "TermClosed",
    "TermSums",
    "Tier",
    "TranchePaid",
    "Unsettled",
    "Variation",
    "View",
    "Why",
    "YearEnded",
    "achievements",
    "activities",
    "activities_by_code",
    "adopt",
    "adopt_file",
    "against_targets",
    "approve_plan",
    "assess_risk",
    "build_problem_with_goals",
    "closing_steps",
    "clusters",
    "clusters_of",
    "compare_plans",
    "editions",
    "execution",
    "expenditures",
    "explain_activity",
    "find_alternatives",
    "front",
    "get_activity",
    "get_grant",
    "grant_balance",
    "grants",
    "lines_of_term",
    "lists_day",
    "make_plan",
    "measure_sensitivity",
    "membership",
    "news_due",
    "news_of",
    "on_cluster",
    "on_cores",
    "owed_for",
    "own_cities_allocated",
    "own_city_among",
    "paragraphs",
    "payables",
    "position",
    "price",
    "programme_activities",
    "reach_of_earmark",
    "read_plan",
    "read_scenario",
    "read_settings",
    "results",
    "results_of",
    "share_reaching",
    "side_by_side",
    "solver_fault",
    "support_cost_rates",
    "sweep",
    "vary",
    "work_areas",
]
