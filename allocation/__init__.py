"""Where the money goes: the programme, scenarios, plans, and grants that carry them out."""

from allocation.catalogue import clusters, editions, programme_activities, work_areas
from allocation.certify import CertificateError
from allocation.conflict import Infeasible
from allocation.eligibility import allows, membership, share_reaching
from allocation.grant import (
    AdvanceReturned,
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
    adopt,
    get_activity,
)
from allocation.scenario import Scenario, read_scenario

__all__ = [
    "KINDS",
    "Activity",
    "AdvanceReturned",
    "Award",
    "CertificateError",
    "CommitmentCancelled",
    "ExpenditureReported",
    "Grant",
    "GrantCommitted",
    "Infeasible",
    "Plan",
    "PlanApproved",
    "PlannedCity",
    "ProgrammeAdopted",
    "Scenario",
    "TranchePaid",
    "activities",
    "adopt",
    "allows",
    "approve_plan",
    "clusters",
    "editions",
    "get_activity",
    "get_grant",
    "grant_balance",
    "grants",
    "lists_day",
    "membership",
    "programme_activities",
    "read_plan",
    "read_scenario",
    "results_of",
    "run",
    "share_reaching",
    "work_areas",
]
