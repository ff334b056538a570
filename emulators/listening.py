"""Sockets to listen on, opened before anything is started, so that a busy port is known at once.

Knows nothing of what is served there.
"""

import socket
from dataclasses import dataclass

from emulators.errors import MachineError

BACKLOG = 512  # connections that may wait while a worker starts; the system lowers it where it must


@dataclass(frozen=True)
class Address:
    """Where a server answers."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def origin(self) -> str:
        """The address as the start of a URL."""
        return f"http://{self}"


def listen(host: str, port: int, option: str) -> socket.socket:
    """Listens on the address; port 0 is any free one. MachineError names the port and the option that moves it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise MachineError(
            f"port {port} on {host} cannot be used ({error.strerror}): stop what has it or choose another with {option}"
        ) from error
    listener.setblocking(False)
    return listener


def address_of(listener: socket.socket) -> Address:
    """The address a socket is bound to."""
    host, port = listener.getsockname()[:2]
    return Address(host, port)
