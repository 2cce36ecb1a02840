"""Forms: XLSForm in, a small JSON form out, and what may be asked of the answers.

Knows nothing of which forms exist. `compile_markdown` brings pyxform and elementpath along and
is therefore imported on use; evaluating and validating need neither.
"""

from __future__ import annotations

from typing import Any

from server.forms.errors import ExpressionError, Fault, FormError
from server.forms.evaluate import Context, evaluate, holds
from server.forms.label import Label
from server.forms.validate import Finding, validate

__all__ = [
    "Context",
    "ExpressionError",
    "Fault",
    "Finding",
    "FormError",
    "Label",
    "compile_markdown",
    "evaluate",
    "holds",
    "to_xform",
    "validate",
]


def compile_markdown(text: str) -> dict[str, Any]:
    """See `server.forms.compile.compile_markdown`."""
    from server.forms import compile as compiler

    return compiler.compile_markdown(text)


def to_xform(text: str) -> str:
    """See `server.forms.compile.to_xform`."""
    from server.forms import compile as compiler

    return compiler.to_xform(text)
