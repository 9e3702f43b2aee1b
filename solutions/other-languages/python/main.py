"""`links`: a web process, a worker, and everything that is done once as a process of its own; and `screen`, its partner.

    main.py migrate                                   # brings the schema, once per release, before its other processes
    main.py web                                       # serves
    main.py worker                                    # makes previews
    main.py admin create-user --name N --role user    # the password comes from NEW_USER_PASSWORD
    main.py admin purge --older-than-days 365         # deletes old links
    main.py admin backfill-previews                   # has previews made that are missing
    main.py screen                                    # the partner, an app of its own
"""

import sys
from pathlib import Path

# The release brings its packages along; what happens to be installed on the machine comes after them (factor 2). Nothing is
# written beside the code, since a release does not change while it runs (factor 5).
sys.path.insert(0, str(Path(__file__).parent / "packages"))
sys.dont_write_bytecode = True

from links.commands import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
