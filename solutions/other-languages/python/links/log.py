"""The log: one event, one line, one JSON object, written to stdout as it happens (factor 11).

There is deliberately no file name, no rotation and no address of a collector in here. Where the stream goes, and for how
long it is kept, is decided by whoever runs the service.
"""

import json
import logging
import sys
from datetime import datetime, timezone

events = logging.getLogger("links")


class Lines(logging.Formatter):
    """JSON is more than a format: whatever a visitor sends becomes a string in which no line can end."""

    def format(self, record: logging.LogRecord) -> str:
        event = {
            "timestamp": datetime.fromtimestamp(record.created, timezone.utc).isoformat(timespec="microseconds"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            # The kind and the place, and not its text: that of a driver holds what the visitor sent, or an address.
            event["error"] = record.exc_info[0].__name__
        return json.dumps(event)


def to_stdout(level: int) -> None:
    """From here on events are written. The handler flushes after each: Python keeps what goes into a pipe in a block of
    8 KiB, and the last lines before a sudden death are the ones that somebody needs (`unbuffered`)."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(Lines())
    # `LOG_LEVEL` is about this service. What its libraries find worth an `info` may hold what nobody meant to log.
    logging.basicConfig(handlers=[handler], level=max(level, logging.WARNING), force=True)
    events.setLevel(level)
    # Whoever reads the stream may have died. The event is lost then, and the customer gets the answer all the same.
    logging.raiseExceptions = False


def event(level: int, message: str, **fields: object) -> None:
    """Writes an event. Fields are named one by one: "all headers" would hold `Authorization`."""
    events.log(level, message, extra={"fields": fields})


def info(message: str, **fields: object) -> None:
    event(logging.INFO, message, **fields)


def warning(message: str, **fields: object) -> None:
    event(logging.WARNING, message, **fields)
