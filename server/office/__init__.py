"""The office: pages for the village's PC. Knows the register and the programme, nothing of the wire.

Where is what:

- routes.py      every address; security.py who may open it; pages.py how a page is rendered;
  text.py the words in two languages (locale/en.po); assets.py static files
- register.py    one village's rows with who belongs to whom; lines.py the lists' lines and the four numbers;
  listing.py filters, search, sort and paging, filter_words.py the filters in words, more_columns.py a list's
  further columns; values.py a value in words
  moments.py what of that still holds after a change, dues.py what is due, ready.py what is worked out beforehand
- login, start, households, children, due, people, accounts, audit, imports, downloads: one page family each
- records.py with record_file.py: a record's file, each field with who, when and from which phone;
  editing.py with edit_form.py: its form
- conflicts.py with settling.py and conflict_view.py: the conflict desk
- quarantine.py with quarantine_view.py: uploads that wait to be let in
- carry.py: sealed files that somebody brought by hand
- piles.py, sheets.py with sheet_form.py and finding.py: paper sheets typed in; choosing.py what may be chosen
- roster/ and export.py: Excel in and out; fill_in.py with filled/: the template of any form in; undoing.py with
  taking_back.py: a whole import back; everything.py: all of it out
- work/: what takes longer than a moment: files written row by row, tables read and taken in, with progress
- statistics/: every indicator, its pages and lists; reports/: documents from templates, and reports sent up;
  evening.py: what else the first page says
- templates/ one file a page; static/ the look, htmx, and the few lines of our own script

An endpoint is three beats: parse, one call to the registry, render; after a post it redirects. Pages are
online: an edit is an ordinary op of the account's office device, with the base its form was shown.
"""

from server.office.ready import prepare
from server.office.routes import routes
from server.office.security import problem_page
from server.office.work import Works

__all__ = ["Works", "prepare", "problem_page", "routes"]
