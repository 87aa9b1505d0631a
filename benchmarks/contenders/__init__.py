"""Who reads the feed beside the project: each a program of its own that is handed a job file.

None of them knows the project's code.
"""
