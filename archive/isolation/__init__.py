"""Pure functions run in processes of their own, so that a hostile codestream kills, hangs or swells nobody else.

`calls.isolated` is for the rest of the archive, `child` is a process as its parent sees it, `inside` what runs in it.
"""
