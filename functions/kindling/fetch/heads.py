"""The head of an answer as browsers take it: lines that are no header are passed over. Pure.

A parser refuses an answer for one such line. The sites that write them cannot be mended from here, and their pages are
read by everybody else. What says where the body ends is left to the parser, which refuses two meanings.
"""

from __future__ import annotations

import re

END = re.compile(rb"\r?\n\r?\n")
END_BYTES = 4
"""Where a head ends, and how long such an end can be."""

_LINE_END = re.compile(rb"\r?\n")
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FOLD = (b" ", b"\t")
_BLANKED = bytes.maketrans(b"\r\0", b"  ")


def mended(head: bytes) -> bytes:
    """`head`, its end included, with the status line as it is, and of the other lines those that are headers.

    A header's name may have blanks behind it; a length that is said again counts once. A line that begins with a blank
    goes on with the header before it. What may not be in a value is a blank (RFC 9110 section 5.5).
    """
    status, *lines = _LINE_END.split(head.rstrip(b"\r\n"))
    kept = [status]
    lengths = set()
    for line in lines:
        if line.startswith(_FOLD):
            if len(kept) > 1:
                kept[-1] += b" " + line.strip().translate(_BLANKED)
            continue
        name, colon, value = line.partition(b":")
        name = name.rstrip(b" \t")
        if not colon or not _NAME.fullmatch(name):
            continue
        if name.lower() == b"content-length":
            if value.strip() in lengths:
                continue
            lengths.add(value.strip())
        kept.append(name + b":" + value.translate(_BLANKED))
    return b"\r\n".join(kept) + b"\r\n\r\n"
