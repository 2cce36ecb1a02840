"""Who may do what: accounts, devices, office sessions, enrolment codes, and the audit trail.

Tokens are opaque and revocable: `VILLAGE.SECRET`, of which only a SHA-256 is kept. The village inside lets
every look-up stay within one village. auth.py is the door; devices.py phones and what they held, audit.py the trail of what
was done, ending.py grants that end by their day.
"""

from .auth import Auth
from .grants import Grant
from .model import (
    EVERYWHERE,
    ROLES,
    Account,
    Code,
    Device,
    Enrolled,
    Entry,
    OpenCode,
    Scope,
    Trail,
    buckets_of,
)
from .second_factor import address_of as otpauth_of
from .second_factor import new_secret

__all__ = [
    "EVERYWHERE",
    "ROLES",
    "Account",
    "Auth",
    "Code",
    "Device",
    "Enrolled",
    "Entry",
    "Grant",
    "OpenCode",
    "Scope",
    "Trail",
    "buckets_of",
    "new_secret",
    "otpauth_of",
]
