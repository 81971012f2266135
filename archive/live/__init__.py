"""Hints for pages that are open: that something of a topic has changed. What it is, they ask for as they always do."""
