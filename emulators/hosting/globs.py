r"""Firebase's glob patterns as regular expressions; pure.

The language (Hosting documentation, "Understand glob pattern matching"): `*` and `?` within one path segment, `**` as a
whole segment for any depth, `[abc]`, `{a,b}` alternatives, extended globs `@(a|b)`, `?(a)`, `*(a)`, `+(a)`, `!(a)`;
in redirects also `:name` for a segment and `:name*` for the rest. `a/**` matches what is below a, not a itself;
`a{,/**}` matches both. Wildcards match names that start with a dot too, so that a last `**` is really the last word.
"""

import re

EXTENDED = {"@": "", "?": "?", "*": "*", "+": "+"}
CAPTURE = re.compile(r":(?P<name>[A-Za-z_]\w*)(?P<rest>\*?)")
OPENING = {"(": ")", "{": "}"}


class GlobError(ValueError):
    """The pattern cannot be read."""


def translate(glob: str) -> re.Pattern[str]:
    """The expression that matches (`fullmatch`) the decoded paths which the pattern means."""
    return re.compile("|".join(_path(alternative) for alternative in expand(glob)), re.DOTALL)


def expand(glob: str) -> list[str]:
    """The pattern's brace alternatives, each written out."""
    start = glob.find("{")
    if start < 0:
        return [glob]
    end = _closing(glob, start)
    head, choices, tail = glob[:start], _split(glob[start + 1 : end], ","), glob[end + 1 :]
    if len(choices) == 1:
        raise GlobError(f"{glob}: braces need alternatives: {{a,b}}")
    tails = expand(tail)
    return [head + part + rest for choice in choices for part in expand(choice) for rest in tails]


def _path(glob: str) -> str:
    segments = glob.strip("/").split("/") if glob.strip("/") else []
    last = len(segments) - 1
    pieces = []
    for index, segment in enumerate(segments):
        if segment == "**":
            pieces.append("/.*" if index == last else "(?:/[^/]+)*")
        else:
            pieces.append("/" + _segment(segment))
    ending = "/" if glob.endswith("/") else ""
    return "".join(pieces) + ending or "/"


def _segment(text: str) -> str:
    pieces: list[str] = []
    at = 0
    while at < len(text):
        piece, at = _piece(text, at)
        pieces.append(piece)
    return "".join(pieces)


def _piece(text: str, at: int) -> tuple[str, int]:
    char = text[at]
    if text[at + 1 : at + 2] == "(" and (char in EXTENDED or char == "!"):
        end = _closing(text, at + 1)
        inner = "|".join(_segment(choice) for choice in _split(text[at + 2 : end], "|"))
        if char == "!":
            return f"(?!(?:{inner})(?:{_segment(text[end + 1 :])})(?:/|$))[^/]*", end + 1
        return f"(?:{inner}){EXTENDED[char]}", end + 1
    if capture := CAPTURE.match(text, at):
        return f"(?P<{capture['name']}>{'.*' if capture['rest'] else '[^/]+'})", capture.end()
    if char == "*":
        return "[^/]*", at + 1
    if char == "?":
        return "[^/]", at + 1
    if char == "[":
        end = text.find("]", at + 2)
        if end < 0:
            raise GlobError(f"{text}: [ without ]")
        body = text[at + 1 : end].replace("\\", "\\\\")
        return f"[^{body[1:]}]" if body[0] in "!^" else f"[{body}]", end + 1
    return re.escape(char), at + 1


def _closing(text: str, start: int) -> int:
    depth = 0
    opening, closing = text[start], OPENING[text[start]]
    for index in range(start, len(text)):
        depth += (text[index] == opening) - (text[index] == closing)
        if not depth:
            return index
    raise GlobError(f"{text}: {opening} without {closing}")


def _split(text: str, separator: str) -> list[str]:
    parts, depth = [""], 0
    for char in text:
        depth += (char in OPENING) - (char in OPENING.values())
        if char == separator and not depth:
            parts.append("")
        else:
            parts[-1] += char
    return parts
