"""Requests in the audit trail, pages and DICOMweb resources alike."""
