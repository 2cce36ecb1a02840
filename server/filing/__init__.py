"""What the office files: the village's own report templates, and the reports it submitted upward.

A submitted report is frozen: its tables and text are stored as they were, with a hash over them, the day, the
definition and who sent it. What happens to it afterwards (accepted, returned with remarks) stands beside it and
changes nothing in it; a correction is a new report that names the old one. A township's sum over its villages is a
report as well, under the township's nine digits. Knows nothing of what reports say.
"""

from server.filing.filing import Filing, Report, Template, hash_of

__all__ = ["Filing", "Report", "Template", "hash_of"]
