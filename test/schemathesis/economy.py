"""What a run of a thousand cases an operation spares itself, without asking anything less: read by hooks.py.

Three quarters of such a run's processor time went into drawing cases, not into asking them. Each of these has the same result as what it
stands in for, but the first, which spends the cases on random inputs in place of neighbours of inputs that were taken.
"""

from bisect import bisect_right
from functools import wraps

import hypothesis
from hypothesis.internal.intervalsets import IntervalSet
from schemathesis.config import ProjectConfig


def _no_target(observation, label=""):
    # Hill-climbing towards what is accepted: half the budget, and mostly draws that are thrown away.
    return observation


def _remembered(method):
    """The settings of an operation, which do not change during a run, found once in place of at each draw."""
    found = {}

    @wraps(method)
    def remembering(self, *, operation=None, phase=None):
        key = (id(self), operation.label if operation is not None else None, phase)
        if key not in found:
            found[key] = method(self, operation=operation, phase=phase)
        return found[key]

    return remembering


def _contains(self, elem):
    """Whether a character is in one of several hundred sorted ranges: by halves in place of one by one."""
    code = ord(elem) if isinstance(elem, str) else elem
    intervals = self.intervals
    at = bisect_right(intervals, (code, 0x110000)) - 1
    return at >= 0 and code <= intervals[at][1]


def economize():
    hypothesis.target = _no_target
    ProjectConfig.generation_for = _remembered(ProjectConfig.generation_for)
    ProjectConfig.checks_config_for = _remembered(ProjectConfig.checks_config_for)
    IntervalSet.__contains__ = _contains
