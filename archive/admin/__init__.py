"""The archive in the Django admin: what is stored, and what is derived from it; to look at, not to edit."""

from archive.admin import derived, stored

__all__ = ["derived", "stored"]
