"""The lint of a plan: the result of an earlier run if nothing changed, else that of all stages.

What the stages need is loaded only where they run: that takes longer than to see that nothing
changed.
"""

from __future__ import annotations

from klplint.engine.plan import Plan
from klplint.engine.saved_result import SavedResult
from klplint.engine.session import Session
from klplint.findings.finding import Result
from klplint.progress import Progress
from klplint.statistics import Statistics


def lint(plan: Plan, progress: Progress, statistics: Statistics | None = None) -> Result:
    """The findings of a plan, and what could not be analysed.

    Raises CacheError where temporary files cannot be written.
    """
    with Session(plan.sources, plan.execution, progress, statistics) as session:
        session.remember(plan.to_cache)
        saved = SavedResult(plan, session)
        recalled = saved.recall()
        if recalled is not None:
            return recalled
        from klplint.engine.stages import run_stages

        return run_stages(session, plan, saved)
