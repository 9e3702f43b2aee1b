"""`links` of factor 4: a database, a session store, a partner and a mail server, each attached by its handle alone.

    main.py migrate                                   # prepares the database
    main.py admin create-user --name N --role user    # the password comes from NEW_USER_PASSWORD
    main.py web                                       # serves
"""

import os
import signal
import sys
import threading

# The release brings its packages along; nothing that happens to be installed on the machine is used (factor 2).
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "packages"))
sys.dont_write_bytecode = True

import config  # noqa: E402
import store  # noqa: E402
import web  # noqa: E402

USAGE = "usage: main.py web | migrate | admin create-user --name NAME --role user|admin"


def main(arguments):
    match arguments:
        case ["web"]:
            serve(config.Config())
        case ["migrate"]:
            store.migrate(config.Database())
            print("migrated", flush=True)
        case ["admin", "create-user", "--name", name, "--role", ("user" | "admin") as role]:
            # An argument could be read by everybody on the machine (`ps`).
            password = config.required("NEW_USER_PASSWORD", str)
            store.create_user(config.Database(), name, role, password)
            print(f"created user={name} role={role}", flush=True)
        case _:
            print(USAGE, file=sys.stderr)
            return 2
    return 0


def serve(settings):
    server = web.Server(settings, store.Store(settings))
    stopping = threading.Thread(target=server.shutdown)
    for number in (signal.SIGTERM, signal.SIGINT):
        # `shutdown` waits for the loop below, so it must not run inside of it.
        signal.signal(number, lambda *_: stopping.is_alive() or stopping.start())
    print(f"listening port={settings.port} release={settings.release_id}", flush=True)
    server.serve_forever(poll_interval=0.05)
    server.server_close()
    print("stopped", flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (config.ConfigError, store.StoreError, OSError) as error:
        print(f"links: {error}", file=sys.stderr)
        sys.exit(1)
