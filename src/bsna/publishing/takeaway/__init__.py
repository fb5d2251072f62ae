"""What a reader takes away: workbook, data package, briefs and the full report, all from one set of results."""

from bsna.publishing.takeaway.writing import write_takeaways

__all__ = ["write_takeaways"]
