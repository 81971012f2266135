"""Pages for people: HTML, one module a page."""
