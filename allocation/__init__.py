"""Where the money goes: the programme, scenarios, plans, and grants that carry them out."""

from allocation.catalogue import clusters, editions, programme_activities, work_areas
from allocation.certify import CertificateError
from allocation.conflict import Infeasible
from allocation.eligibility import allows, membership, share_reaching
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
from allocation.plan import Award, Plan, PlanApproved, approve_plan, lists_day, read_plan, run
from allocation.programme import (
    Activity,
    PlannedCity,
    ProgrammeAdopted,
    activities,
    activities_by_code,
    adopt,
    get_activity,
)
from allocation.reallocation import AllocationMoved, AllocationReduced
from allocation.scenario import Scenario, read_scenario
from allocation.support_cost import (
    SupportCostAgreed,
    SupportCostCharged,
    SupportCostPaid,
    support_cost_rates,
)
from allocation.term_close import TermClosed
from allocation.year_end import YearEnded

__all__ = [
    "KINDS",
    "Activity",
    "AdvanceReturned",
    "AdvanceWrittenOff",
    "AllocationMoved",
    "AllocationReduced",
    "Award",
    "CertificateError",
    "CommitmentCancelled",
    "Expenditure",
    "ExpenditureIncurred",
    "ExpenditurePaid",
    "ExpenditureReported",
    "Grant",
    "GrantCommitted",
    "Infeasible",
    "Plan",
    "PlanApproved",
    "PlannedCity",
    "ProgrammeAdopted",
    "Scenario",
    "SupportCostAgreed",
    "SupportCostCharged",
    "SupportCostPaid",
    "TermClosed",
    "TranchePaid",
    "YearEnded",
    "activities",
    "activities_by_code",
    "adopt",
    "allows",
    "approve_plan",
    "clusters",
    "editions",
    "get_activity",
    "get_expenditure",
    "get_grant",
    "grant_balance",
    "grants",
    "lists_day",
    "membership",
    "owed_for",
    "programme_activities",
    "read_plan",
    "read_scenario",
    "results_of",
    "run",
    "share_reaching",
    "support_cost_rates",
    "work_areas",
]
