"""How chapters are run: what each depends on, executed in parallel, only where something changed."""

from bsna.running.tasks import Outcome, run_surveys, runnable

__all__ = ["Outcome", "run_surveys", "runnable"]
