"""The viewer's files: fetched from npm, changed so that any folder can serve them, and found where they are installed.

The viewer is OHIF. Which one, `viewer/package-lock.json` says; why and how, docs/decisions/0019-viewer.md.
"""
