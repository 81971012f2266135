#!/usr/bin/env python3
"""The archive's commands: `serve`, `import_dicom`, `export_dicom` and Django's own."""

import gc
import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    # What is loaded now stays: to look through it for garbage, again and again, takes a third of the start.
    gc.disable()
    import django
    from django.core.management import execute_from_command_line

    django.setup()
    gc.freeze()
    gc.enable()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
