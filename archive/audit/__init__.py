"""The audit trail: who has done what with which study, and by which way.

It has UIDs, never names or dates of birth. What is noted is counted in memory first, and written by a thread.
"""
