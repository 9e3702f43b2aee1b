// `links`: a web process, a worker, and everything that is done once as a process of its own; and `screen`, its partner.
//
//     main.js migrate                                   # brings the schema, once per release, before its other processes
//     main.js web                                       # serves
//     main.js worker                                    # makes previews
//     main.js admin create-user --name N --role user    # the password comes from NEW_USER_PASSWORD
//     main.js admin purge --older-than-days 365         # deletes old links
//     main.js admin backfill-previews                   # has previews made that are missing
//     main.js screen                                    # the partner, an app of its own

import { run } from "./links/commands.js";

process.exitCode = await run(process.argv.slice(2));
// What is left over, such as an idle connection, keeps no process alive that has done its work.
process.exit();
