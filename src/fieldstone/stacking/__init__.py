"""Stacking: what a stack or pathway asks for, how far a learner is, and what comes next.

A pure library: no clock, no network, no Django. Time is the argument `at`, always with its offset from UTC.

    requirement = parse(json)                      # strict; ParseError has .path and .text {"en", "es"}
    problems(requirement, catalog)                 # what nobody could ever meet, for the author
    result = evaluate(requirement, holdings, at)   # a frozen tree, parallel to the requirement
    explain(result, names, "es")                   # lines in plain words: done, in review, missing
    nearest(requirement, result, offers, at)       # the next micro-credential, most for each hour of work
    what_if(requirement, holdings, offers, at)     # what earning, losing, expiring or another rule would change
    components(result)                             # the credential ids that the stack credential is made of
    plan(goal, holdings, offers, at, hours_a_week=8)  # the best set of offers, proven, week by week
    readiness(asked, shown)                        # how much of what a job asks is shown, skill by skill

A requirement is one tree. `Count(at_least=k, of=(…))` is all-of, any-of and n-of-m. The leaves are `Hold` (a
credential or an equivalent), `Hours` (clock hours, with a minimum for each subject area) and `Level`
(credentials at or above a level).
Ids of credentials and areas are the caller's own strings; names come in at the moment of speaking.
"""

from .evaluation import AreaHours, Result, Standing, components, evaluate, leaves, progress, remaining, size
from .explanation import Line, Status, explain, status_of
from .holding import Holding, Offer, State
from .nearest import Step, explain_step, nearest
from .parsing import ParseError, parse, to_json
from .plan import Goal, Impossible, Minimize, Plan, PlanStep, Reason, Week, plan
from .plan_words import explain_plan, explain_week
from .problems import Problem, problems
from .program import Reach
from .readiness import Asked, Readiness, Shown, Skill, explain_readiness, readiness
from .requirement import Amount, Count, Hold, Hours, Language, Leaf, Level, Measure, Requirement, Text, named, walk
from .solver import Unsolved
from .what_if import Change, explain_change, what_if
from .words import Names

__all__ = [
    "Amount",
    "AreaHours",
    "Asked",
    "Change",
    "Count",
    "Goal",
    "Hold",
    "Holding",
    "Hours",
    "Impossible",
    "Language",
    "Leaf",
    "Level",
    "Line",
    "Measure",
    "Minimize",
    "Names",
    "Offer",
    "ParseError",
    "Plan",
    "PlanStep",
    "Problem",
    "Reach",
    "Readiness",
    "Reason",
    "Requirement",
    "Result",
    "Shown",
    "Skill",
    "Standing",
    "State",
    "Status",
    "Step",
    "Text",
    "Unsolved",
    "Week",
    "components",
    "evaluate",
    "explain",
    "explain_change",
    "explain_plan",
    "explain_readiness",
    "explain_step",
    "explain_week",
    "leaves",
    "named",
    "nearest",
    "parse",
    "plan",
    "problems",
    "progress",
    "readiness",
    "remaining",
    "size",
    "status_of",
    "to_json",
    "walk",
    "what_if",
]
