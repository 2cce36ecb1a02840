"""`python -m tests.brief` writes the page of the information model anew."""

from .page import PAGE, asked, missing, written

PAGE.write_text(written(), encoding="utf-8")
print(f"{PAGE.name}: {sum(map(len, asked().values()))} fields asked for, {len(missing())} missing")
