"""A port that the platform has chosen (factor 7), and an end that drops nobody (factor 9)."""

import socket

import uvicorn
from fastapi import FastAPI

from links import config, log


def until_stopped(app: FastAPI, port: int, grace: int, release_id: str) -> None:
    """Serves until SIGTERM or SIGINT, then lets the requests in hand finish, but no longer than `grace`.

    At the signal uvicorn closes the listener, so new connections are refused at once, and closes those on which nobody is
    served: idle ones, silent ones, and half a request that a scanner left open. `app`'s lifespan ends after the last answer.
    """
    settings = uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        ws="none",
        timeout_graceful_shutdown=grace,
        # Longer than clients and proxies keep a connection: whoever closes first should not be us, in the middle of theirs.
        timeout_keep_alive=75,
        # Its own log has its own format, and which software this is, in which version, is nobody's business.
        log_config=None,
        access_log=False,
        server_header=False,
    )
    listener = listen(port)
    log.info("listening", port=port, release=release_id, commit=config.commit())
    uvicorn.Server(settings).run(sockets=[listener])


def listen(port: int) -> socket.socket:
    """A port that is taken is the end: nobody would find a service at another one."""
    try:
        return socket.create_server(("0.0.0.0", port), backlog=1024)
    except OSError as error:
        raise config.ConfigError(f"cannot listen on port {port} (PORT): {error.strerror}") from None
