"""Reports: the weekly sheet, the monthly report, the year's summary and the letter to parents.

- figures.py   every placeholder of every report, computed from books of the statistics
- working.py   the lists of the weekly sheet and the letters, which name children
- store.py     the village's own templates, else those that come with the programme
- pages.py     the pages: preview, .docx, a template down and up

Numbers are computed and never typed; sentences are in the templates, which the office may edit in Word.
"""
