"""All tables. Every primary key begins with `village`, and every statement carries it, so that PostgreSQL can
spread the tables by village. Instants are milliseconds; JSON is text, because what is stored is what was hashed.

Synced data (server/registry): village, lineage, record, member, op, touch, digest, review, counter, receipt.
A village's own forms (server/registry): own_form, own_form_version; what it says of the
  rules of frequency: village_rule.
Attachments (server/blobs): blob, blob_chunk.
Filed by the office (server/filing): report_template, report, report_deadline. Their `village` may be the first nine
or six digits of a code: a township, a county.
Pairs that look alike (server/likeness), made anew from the log at any time: likeness, likeness_key, duplicate.
People and access (server/auth): account, second_factor, device, grant_ended, phone_held, session, enrol_code, attempt, audit.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)

metadata = MetaData()

village = Table(
    "village",
    metadata,
    Column("village", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("epoch", Text, nullable=False),
    Column("rev", BigInteger, nullable=False),  # the last revision given
    Column("demo", Boolean, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column(
        "forms", Text, nullable=False, server_default=""
    ),  # changes with its own forms and rules
)

lineage = Table(
    "lineage",
    metadata,
    Column("village", Text, primary_key=True),
    Column("epoch", Text, primary_key=True),  # the epoch that ended
    Column("forked_at", BigInteger, nullable=False),  # the last rev both lineages share
    Column("resumed_at", BigInteger, nullable=False),  # where numbering went on
    sqlite_with_rowid=False,
)

record = Table(
    "record",
    metadata,
    Column("village", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("type", Text, nullable=False),
    Column("bucket", Text, nullable=False),  # home bucket
    Column("root", Text, nullable=False),  # the record it is homed with: its household, or itself
    Column("rev", BigInteger, nullable=False),
    Column("born", BigInteger, nullable=False),  # rev of the op that created it
    Column("present", Boolean, nullable=False),
    Column("shared", Boolean, nullable=False),  # whether `member` has rows for it
    Column("alias_of", Text, nullable=False),  # who stands for its class; '' when it is alone
    Column("row", Text, nullable=False),  # canonical row of the wire, unprojected
    Column(
        "state", Text, nullable=False
    ),  # what the row does not say: stamps and other maximal edits
    Index("record_by_bucket", "village", "bucket", "rev"),
    Index("record_by_type", "village", "type"),
    Index("record_by_root", "village", "root"),
    Index("record_by_alias", "village", "alias_of"),
)

member = Table(
    "member",
    metadata,
    Column("village", Text, primary_key=True),
    Column("record", Text, primary_key=True),
    Column("bucket", Text, primary_key=True),
    Column("rev", BigInteger, nullable=False),
    Column("present", Boolean, nullable=False),  # False: it has left this bucket
    Index("member_by_bucket", "village", "bucket", "rev"),
    sqlite_with_rowid=False,
)

op = Table(
    "op",
    metadata,
    Column("village", Text, primary_key=True),
    Column("device", Text, primary_key=True),
    Column("generation", Integer, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("rev", BigInteger, nullable=False),  # 0: stored, not applied
    Column("was", Text, nullable=False),  # JSON list of [rev, last rev] of lineages that ended
    Column("at", BigInteger, nullable=False),  # corrected time
    Column("received_at", BigInteger, nullable=False),
    Column("author", Text, nullable=False),  # name of the account at that time
    Column("authority", Boolean, nullable=False),  # whether the author may settle conflicts
    Column(
        "copy_of", Text, nullable=False
    ),  # JSON [generation, seq] of the same op, which gave it its rev; or ''
    Column("hash", Text, nullable=False),
    Column("body", Text, nullable=False),  # the op, ids spelled out; or raw, when malformed
    Column("given", Text, nullable=False),  # JSON record -> fields the server gave at acceptance
    Column("verdicts", Text, nullable=False),  # JSON list, only those other than applied
    Index("op_by_rev", "village", "rev"),
    Index(
        "op_aside",
        "village",
        "device",
        sqlite_where=text("rev = 0"),
        postgresql_where=text("rev = 0"),
    ),
)

touch = Table(
    "touch",
    metadata,
    Column("village", Text, primary_key=True),
    Column("record", Text, primary_key=True),
    Column("rev", BigInteger, primary_key=True),  # an op after its birth that changed the record
    sqlite_with_rowid=False,
)

digest = Table(
    "digest",
    metadata,
    Column("village", Text, primary_key=True),
    Column("bucket", Text, primary_key=True),
    Column("digest", Text, nullable=False),  # over the rows as projected for that bucket
    Column("rows", BigInteger, nullable=False),
    Column("rev", BigInteger, nullable=False),  # the last rev that changed the bucket
    sqlite_with_rowid=False,
)

review = Table(
    "review",
    metadata,
    Column("village", Text, primary_key=True),
    Column("kind", Text, primary_key=True),  # conflict, quarantine
    Column("record", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("type", Text, nullable=False),
    Column("required", Boolean, nullable=False),
    Column("opened_rev", BigInteger, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("closed_rev", BigInteger, nullable=False),  # 0: open
    sqlite_with_rowid=False,
)

counter = Table(
    "counter",
    metadata,
    Column("village", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

likeness = Table(
    "likeness",
    metadata,
    Column("village", Text, primary_key=True),
    Column("record", Text, primary_key=True),
    Column("type", Text, nullable=False),
    Column("features", Text, nullable=False),  # JSON: what is compared of the record
    sqlite_with_rowid=False,
)

likeness_key = Table(
    "likeness_key",
    metadata,
    Column("village", Text, primary_key=True),
    Column("key", Text, primary_key=True),  # records that share one are compared
    Column("record", Text, primary_key=True),
    Index("likeness_key_by_record", "village", "record"),
    sqlite_with_rowid=False,
)

duplicate = Table(
    "duplicate",
    metadata,
    Column("village", Text, primary_key=True),
    Column("a", Text, primary_key=True),  # the smaller id
    Column("b", Text, primary_key=True),
    Column("type", Text, nullable=False),
    Column("score", Integer, nullable=False),
    Column("reasons", Text, nullable=False),  # JSON
    Index("duplicate_by_b", "village", "b"),
    sqlite_with_rowid=False,
)

receipt = Table(
    "receipt",
    metadata,
    Column("village", Text, primary_key=True),
    Column("device", Text, primary_key=True),
    Column("at", BigInteger, primary_key=True),
    Column("ops", Integer, nullable=False),
    Column("changes", Integer, nullable=False),
    Column("conflicts", Integer, nullable=False),
    Column("held", Integer, nullable=False),
    Column("refused", Integer, nullable=False),  # quarantined or malformed
    Column("rows_sent", Integer, nullable=False),
    Column("agreed", Boolean, nullable=False),  # both ends proved they hold the same rows
    sqlite_with_rowid=False,
)

account = Table(
    "account",
    metadata,
    Column("village", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("login", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("grids", Text, nullable=False),  # JSON list: a grid code, or [code, first day, last day]
    Column("helper_id", Text, nullable=False),  # record id of the helper, or ''
    Column("password", Text, nullable=False),  # Argon2id, or '' for phones only
    Column("active", Boolean, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Index("account_by_login", "village", "login", unique=True),
)

second_factor = Table(
    "second_factor",
    metadata,
    Column("village", Text, primary_key=True),
    Column("account", Text, primary_key=True),
    Column("secret", Text, nullable=False),  # base32, as the authenticator app has it
    Column("used_step", BigInteger, nullable=False),  # the last 30-second step whose code was used
    Column("created_at", BigInteger, nullable=False),
)

device = Table(
    "device",
    metadata,
    Column("village", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("account", Text, nullable=False),  # account id, or '' for a batch
    Column("kind", Text, nullable=False),  # phone, office, import, demo
    Column("label", Text, nullable=False),
    Column("token", Text, nullable=False),  # SHA-256 of the bearer token, or ''
    Column("generation", Integer, nullable=False),
    Column("last_seq", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),  # corrected time of its newest op
    Column("seen_at", BigInteger, nullable=False),
    Column("agreed_at", BigInteger, nullable=False),
    Column("agreed_rev", BigInteger, nullable=False),
    Column("enrolled_at", BigInteger, nullable=False),
    Column("kept_generation", Integer, nullable=False),  # its newest op that a backup holds
    Column("kept_seq", BigInteger, nullable=False),
    Column("revoked_at", BigInteger, nullable=False),  # 0: not revoked
    Column("holds", Text, nullable=False),  # JSON list of buckets, when last here; '' where unknown
    Index("device_by_token", "village", "token"),
    Index("device_by_account", "village", "account"),
)

grant_ended = Table(
    "grant_ended",
    metadata,
    Column("village", Text, primary_key=True),
    Column("account", Text, primary_key=True),
    Column("bucket", Text, primary_key=True),
    Column("ended_at", BigInteger, nullable=False),  # work begun before this is still applied
    sqlite_with_rowid=False,
)

phone_held = Table(
    "phone_held",
    metadata,
    Column("village", Text, primary_key=True),
    Column("device", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("body", Text, nullable=False),  # JSON: what the phone could hold when it was closed
)

session = Table(
    "session",
    metadata,
    Column("village", Text, primary_key=True),
    Column("token", Text, primary_key=True),  # SHA-256 of the cookie
    Column("account", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
)

enrol_code = Table(
    "enrol_code",
    metadata,
    Column("village", Text, primary_key=True),
    Column("code", Text, primary_key=True),  # SHA-256 of the code
    Column("account", Text, nullable=False),
    Column("issued_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("device", Text, nullable=False),  # '' until used
    Index("enrol_code_by_account", "village", "account"),
)

attempt = Table(
    "attempt",
    metadata,
    Column("village", Text, primary_key=True),
    Column("subject", Text, primary_key=True),  # what is being guessed: login:…, code:…
    Column("failures", Integer, nullable=False),
    Column("blocked_until", BigInteger, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("village", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("account", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("details", Text, nullable=False),
    Column("chain", Text, nullable=False),  # SHA-256 over the entry and the chain before it
)

own_form = Table(
    "own_form",
    metadata,
    Column("village", Text, primary_key=True),
    Column("name", Text, primary_key=True),  # form_id of its settings sheet
    Column("subject", Text, nullable=False),  # household, child, village
    Column("volunteer", Boolean, nullable=False),  # whether volunteers fill it in
    Column("grids", Text, nullable=False),  # JSON list of grid codes; empty: all
    Column("reached", Text, nullable=False),  # JSON list of all it was ever offered in; "": all
    Column("retired_at", BigInteger, nullable=False),  # 0: not retired
    sqlite_with_rowid=False,
)

own_form_version = Table(
    "own_form_version",
    metadata,
    Column("village", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("form", Text, nullable=False),  # JSON, compiled
    Column("xform", Text, nullable=False),  # the same as standard XForm XML
    Column("filename", Text, nullable=False),
    Column("uploaded_at", BigInteger, nullable=False),
    Column("uploaded_by", Text, nullable=False),  # name of the account at that time
    Column("published_at", BigInteger, nullable=False),  # 0: a draft
)

village_rule = Table(
    "village_rule",
    metadata,
    Column("village", Text, primary_key=True),
    Column("number", Integer, primary_key=True),  # 1, 2 …; of a rule the largest holds
    Column("rule", Text, nullable=False),
    Column("is_on", Boolean, nullable=False),
    Column("every_days", Text, nullable=False),  # JSON: days by value
    Column("at", BigInteger, nullable=False),
    Column("by", Text, nullable=False),  # name of the account at that time
)

carry_key = Table(
    "carry_key",
    metadata,
    Column("village", Text, primary_key=True),
    Column("number", Integer, primary_key=True),  # 1, 2 …; the largest is the one given out
    Column("private", Text, nullable=False),  # P-256, PKCS#8 DER in base64
    Column("created_at", BigInteger, nullable=False),
)

blob = Table(
    "blob",
    metadata,
    Column("village", Text, primary_key=True),
    Column("name", Text, primary_key=True),  # SHA-256 of the bytes and an ending
    Column("size", BigInteger, nullable=False),  # bytes, as told by who brings it
    Column("held", BigInteger, nullable=False),  # bytes that have come
    Column("device", Text, nullable=False),  # who began to bring it
    Column("created_at", BigInteger, nullable=False),
    Column("done_at", BigInteger, nullable=False),  # 0: not whole yet
)

blob_chunk = Table(
    "blob_chunk",
    metadata,
    Column("village", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("start", BigInteger, primary_key=True),  # its first byte's place in the whole
    Column("bytes", LargeBinary, nullable=False),
)

report_template = Table(
    "report_template",
    metadata,
    Column("village", Text, primary_key=True),
    Column("name", Text, primary_key=True),  # annual, monthly, weekly, letter
    Column("filename", Text, nullable=False),
    Column("content", Text, nullable=False),  # the .docx, base64
    Column("author", Text, nullable=False),
    Column("uploaded_at", BigInteger, nullable=False),
)

report = Table(
    "report",
    metadata,
    Column("village", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),  # monthly, annual
    Column("since", Text, nullable=False),
    Column("on_day", Text, nullable=False),
    Column("scope", Text, nullable=False),  # which definition counts: wide, legal
    Column("state", Text, nullable=False),  # submitted, accepted, returned
    Column("replaces", Text, nullable=False),  # the report it corrects, or ''
    Column("submitted_at", BigInteger, nullable=False),
    Column("submitted_by", Text, nullable=False),
    Column("decided_at", BigInteger, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("remarks", Text, nullable=False),
    Column("hash", Text, nullable=False),  # SHA-256 over what was submitted
    Column("body", Text, nullable=False),  # JSON: tables and text as they were
)

report_deadline = Table(
    "report_deadline",
    metadata,
    Column("village", Text, primary_key=True),  # the township or county that reports go up to
    Column("kind", Text, primary_key=True),  # monthly, annual
    Column(
        "day", Text, nullable=False
    ),  # monthly: DD of the next month; annual: MM-DD of the next year
    Column("set_by", Text, nullable=False),
    Column("set_at", BigInteger, nullable=False),
)
