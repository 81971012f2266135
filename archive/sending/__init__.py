"""Studies sent to other archives over STOW-RS (PS3.18 Section 10.5), in the background."""
