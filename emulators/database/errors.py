"""The errors of the database that a client caused. `BadKey` and `BadValue` stand where they are found.

DatabaseError
    BadRequest          the request contradicts itself or asks for what does not exist
    IndexNotDefined     an ordering that the rules declare no index for
    PermissionDenied    the rules say no
    UnknownDatabase     a name that no database can have, or one too many
    UnknownAddress      nothing is served there
"""

from __future__ import annotations


class DatabaseError(Exception):
    """A request that was refused; the text is for the client."""


class BadRequest(DatabaseError):
    """The request can't be carried out as it is, whoever asks."""


class IndexNotDefined(DatabaseError):
    """The query needs an index that the rules don't declare."""


class PermissionDenied(DatabaseError):
    """The security rules don't allow it."""


class UnknownDatabase(DatabaseError):
    """No database has that name."""


class UnknownAddress(DatabaseError):
    """Nothing is served at that address; the text says what is."""
