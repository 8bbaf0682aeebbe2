"""Whole populations: who meets which requirement, how far along everybody is, and the five nearest for each.

    compiled = compile({"crew-lead": requirement, …}, forms)     # trees by name, and the forms of credentials held
    state = State.of(compiled, learners, pairs)                  # pairs of a learner and a form, or a credential's name
    state = State.of_holdings(requirements, wallets, at)         # or both at once, from holdings at one moment
    state.eligible()                                             # bits, trees x learners
    state.nearest()                                              # learners x 5 positions of trees
    state.scores()                                               # everybody's score for every tree, in stretches
    state.award(learner, form)                                   # one more: which trees changed, all kept up to date
    state.revoke(learner, form); state.replace_tree(name, requirement); state.near(learner)

The answers are those of `stacking.evaluate`, `progress` and `remaining`, for every requirement of the algebra: levels,
equivalents, expiry and hours too. What changes with time (a credential expires) is a form revoked and another awarded.
Needs NumPy; the rest of `stacking` does not.
"""

from .compiling import Compiled, Tree, compile
from .forms import Form
from .state import NEAREST, Change, Near, State

__all__ = ["NEAREST", "Change", "Compiled", "Form", "Near", "State", "Tree", "compile"]
