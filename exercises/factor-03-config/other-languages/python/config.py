"""What the service needs to know about the place it runs in."""

import os

# TODO(factor 3): tomorrow this repository becomes public. What do you have to do tonight?
SCREEN_API_KEY = "sk_live_jjalda_7Q2mX9vB4tKp"
SCREEN_URL = "http://screen.prod.jjalda.example:8080"


def load_file():
    """Reads `.env`, which everybody has in this folder."""
    # TODO(factor 3): somebody sets a variable for this deploy, and this folder has a file. Who wins?
    try:
        with open(".env") as file:
            lines = [line.strip() for line in file]
    except OSError:
        return
    for line in lines:
        if "=" in line and not line.startswith("#"):
            name, value = line.split("=", 1)
            os.environ[name] = value


def number(name, default):
    # TODO(factor 3): what happens to a customer after a typing mistake in one of these numbers?
    text = os.environ.get(name, "")
    return int(text) if text.isdigit() else default


class Config:
    def __init__(self):
        self.port = number("PORT", 8080)
        self.timeout = number("UPSTREAM_TIMEOUT_MS", 3000) / 1000
        # TODO(factor 3): a new laptop, and nothing is set. Whom does it call, and as whom?
        self.screen_url = os.environ.get("SCREEN_URL", SCREEN_URL)
        self.key = os.environ.get("SCREEN_API_KEY", SCREEN_API_KEY)
        # TODO(factor 3): who decides where this deploy is reached, and when?
        self.base_url = "https://jjal.da"
        self.release = os.environ.get("RELEASE_ID", "unreleased")
        self.log_requests = os.environ.get("LOG_LEVEL") not in ("error", "warn")
        # The three environments that we have.
        # TODO(factor 3): a colleague wants a deploy of her own and calls it `joe-staging`. Which of these is it?
        self.stage = os.environ.get("APP_ENV", "staging")
        if self.stage not in ("development", "production"):
            self.stage = "staging"
