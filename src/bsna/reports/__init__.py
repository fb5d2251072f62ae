"""The chapters that do more than ask the plan, a module each."""
