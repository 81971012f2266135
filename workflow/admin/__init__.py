"""The worklist in the Django admin: to look at, and to put right where somebody is stuck; workitems are not edited."""

from workflow.admin import people, rules, subscribers, workitems

__all__ = ["people", "rules", "subscribers", "workitems"]
