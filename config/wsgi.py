"""The HTTP application. `config.asgi` serves it in threads."""

import os
from typing import Any

import django
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


#: Longer ones are of no form that anybody sends, and half a megabyte keeps Django busy for seconds.
LONGEST_CONTENT_TYPE = 4096


class Request(WSGIRequest):
    """A Content-Type that cannot be read is none. Django fails on some, before it has anybody to answer."""

    def _set_content_type_params(self, meta: Any) -> None:
        self.content_type, self.content_params = "", {}
        if len(meta.get("CONTENT_TYPE", "")) > LONGEST_CONTENT_TYPE:
            return
        try:
            super()._set_content_type_params(meta)  # type: ignore[misc]
        except (AttributeError, LookupError, TypeError, ValueError):
            self.content_type, self.content_params = "", {}


class Handler(WSGIHandler):
    request_class = Request


django.setup(set_prefix=False)
application = Handler()
