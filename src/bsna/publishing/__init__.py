"""From judgements to pages. No arithmetic here: numbers arrive as estimate rows and verdicts."""
