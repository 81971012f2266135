"""The archive in the Django admin: what is stored, what is derived from it, who sent it; to look at, not to edit."""

from archive.admin import derived, stored, uploads

__all__ = ["derived", "stored", "uploads"]
