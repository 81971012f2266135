"""The dashboard of administrators: what is stored, what comes, and how background work is doing."""
