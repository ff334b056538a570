"""The head of an answer as browsers take it: lines that are no header are passed over. Pure.

A parser refuses an answer for one such line. The sites that write them cannot be mended from here, and their pages are
read by everybody else. What says where the body ends is left to the parser, which refuses two meanings.
"""

from __future__ import annotations

import re

END = re.compile(rb"\r?\n\r?\n")
END_BYTES = 4
"""Where a head ends, and how long such an end can be."""

_PLAIN_LINES = rb"(?:(?!(?i:content-length|transfer-encoding):)[A-Za-z][A-Za-z0-9-]*: [\x21-\x7e][\x20-\x7e]*\r\n)*"
_PLAIN = re.compile(
    rb"HTTP/[\x20-\x7e]*\r\n" + _PLAIN_LINES + rb"(?:(?i:content-length): [0-9]+\r\n" + _PLAIN_LINES + rb")?\r\n"
)
"""A head in which there is nothing to mend, as nearly every one is."""
_FOLD = re.compile(rb"\n[ \t]+")
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_BLANKED = bytes.maketrans(b"\r\0", b"  ")


def mended(head: bytes) -> bytes:
    """`head`, its end included, with the status line as it is, and of the other lines those that are headers.

    A header's name may have blanks behind it; a line that begins with a blank goes on with the one before it. A length
    that is said again counts once (RFC 9110 section 8.6), and the transfer coding `identity` is none (RFC 2616 section
    3.6). What may not be in a value is a blank (RFC 9110 section 5.5).
    """
    return head if _PLAIN.fullmatch(head) else _mended(head)


def _mended(head: bytes) -> bytes:
    status, line_end, rest = head.replace(b"\r\n", b"\n").partition(b"\n")
    kept = [status]
    lengths: set[bytes] = set()
    for line in _FOLD.sub(b" ", line_end + rest).split(b"\n"):
        name, colon, value = line.partition(b":")
        name = name.rstrip(b" \t")
        if not colon or not _NAME.fullmatch(name):
            continue
        meant = name.lower()
        if meant == b"content-length":
            said = {length.strip() for length in value.split(b",")} - lengths
            if not said:
                continue
            lengths |= said
            value = b" " + b", ".join(sorted(said))
        elif meant == b"transfer-encoding" and value.strip().lower() == b"identity":
            continue
        kept.append(name + b":" + value.translate(_BLANKED))
    return b"\r\n".join(kept) + b"\r\n\r\n"
