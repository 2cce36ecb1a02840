"""An XForm as other tools of the field read it: nothing of ours left in it.

Our own columns (`zf:…`) say how answers merge and who sees them, which is nobody else's business; and `age()` is a
function of ours, written here with functions of the standard.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as xml

NAMESPACES = {
    "": "http://www.w3.org/2002/xforms",
    "h": "http://www.w3.org/1999/xhtml",
    "ev": "http://www.w3.org/2001/xml-events",
    "jr": "http://openrosa.org/javarosa",
    "orx": "http://openrosa.org/xforms",
    "odk": "http://www.opendatakit.org/xforms",
    "entities": "http://www.opendatakit.org/xforms/entities",
    "xsd": "http://www.w3.org/2001/XMLSchema",
}
OURS = "{urn:zoufang:register}"
_EXPRESSIONS = ("relevant", "constraint", "calculate", "required", "readonly", "nodeset", "value")
_AGE = re.compile(r"'[^']*'|\"[^\"]*\"|(?<![\w-])age\(")


def standard(xform: str) -> bytes:
    """The XForm XML of pyxform without our attributes and functions, in UTF-8."""
    for prefix, uri in NAMESPACES.items():
        xml.register_namespace(prefix, uri)
    root = xml.fromstring(xform)
    for element in root.iter():
        for name in [name for name in element.attrib if name.startswith(OURS)]:
            del element.attrib[name]
        for name in _EXPRESSIONS:
            if "age(" in element.attrib.get(name, ""):
                element.set(name, with_standard_age(element.attrib[name]))
    text: bytes = xml.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def with_standard_age(expression: str) -> str:
    """`age(born, on)` as the difference of two days written as whole numbers: 20240910 - 20140911 is not yet ten years."""
    found = next((it for it in _AGE.finditer(expression) if it[0] == "age("), None)  # not in quotes
    if found is None:
        return expression
    arguments, end = _arguments(expression, found.end())
    born = with_standard_age(arguments[0])
    on = with_standard_age(arguments[1]) if len(arguments) > 1 else "today()"
    told = f"int((number(format-date({on}, '%Y%m%d')) - number(format-date({born}, '%Y%m%d'))) div 10000)"
    return expression[: found.start()] + told + with_standard_age(expression[end:])


def _arguments(expression: str, start: int) -> tuple[list[str], int]:
    """The arguments of a call whose bracket opens before `start`, and where the call ends."""
    parts, depth, quote, begin = [], 0, "", start
    for at in range(start, len(expression)):
        sign = expression[at]
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        elif sign == "(":
            depth += 1
        elif sign == ")" and depth:
            depth -= 1
        elif sign == ")" or (sign == "," and not depth):
            parts.append(expression[begin:at].strip())
            begin = at + 1
            if sign == ")":
                return parts, at + 1
    raise ValueError("a call without its end")
