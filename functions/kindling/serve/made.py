"""What is made of an answer's bytes, each once and only when somebody asks: its tag, its compressed form."""

from __future__ import annotations

import gzip
from functools import cached_property

from .http_cache import GZIPPED, etag

GZIP_LEVEL = 5  # a third of the time of 9 for 3% more bytes


class Made:
    """One body. Two threads that ask at once may both do the work; they find the same."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    @cached_property
    def tag(self) -> str:
        """The strong ETag of the body."""
        return etag(self._body)

    @cached_property
    def packed(self) -> bytes:
        """The body compressed, a fifth of its size as JSON goes."""
        return gzip.compress(self._body, GZIP_LEVEL, mtime=0)

    @property
    def packed_tag(self) -> str:
        """The ETag of the compressed body."""
        return self.tag[:-1] + GZIPPED + '"'
