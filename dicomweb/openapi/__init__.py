"""The OpenAPI document of the archive, made from the tables that it works by, and the page that shows it."""
