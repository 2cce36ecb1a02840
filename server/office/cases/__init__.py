"""An anonymised case: what was done for one child, told so that others can learn from it and nobody knows the child.

- masking.py   what in a text gives somebody away, and how it is replaced
- draft.py     the parts of a file a case may have, how many children share them, and the draft made of them
- pages.py     choose, read over, look for what was left in, and only then take it along

Nothing of a case is kept here: the draft goes to the page and back, and out as a .docx.
"""
