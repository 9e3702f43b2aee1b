"""Letters, handed to the mail server of this deploy (factor 4)."""

import asyncio
from email.message import EmailMessage

import aiosmtplib

from links import config


class MailUnavailable(Exception):
    """The mail server cannot be reached, falls silent, or refuses."""


async def share(settings: config.Mail, to: str, short_url: str) -> None:
    """Hands over a letter with a short URL. It returns when the server has taken the letter, so what is promised to the visitor
    has happened. The bound around all of it also ends a server that falls silent in the middle."""
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = settings.sender, to, "A link for you"
    letter.set_content(f"Somebody shared a link with you:\n\n{short_url}\n")
    try:
        async with asyncio.timeout(settings.timeout):
            await aiosmtplib.send(
                letter,
                hostname=settings.host,
                port=settings.port,
                username=settings.user or None,
                password=settings.password or None,
                # What the configuration says: no TLS that is tried by the way and silently left out.
                start_tls=False,
                timeout=settings.timeout,
            )
    except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError):
        raise MailUnavailable from None
