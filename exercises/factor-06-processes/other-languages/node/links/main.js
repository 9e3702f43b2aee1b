// `links` of factor 6: right as long as there is one of it, and as long as that one lives.
//
//     main.js migrate                                   prepares the database
//     main.js admin create-user --name N --role user    the password comes from NEW_USER_PASSWORD
//     main.js web                                       serves

import { ConfigError, config, database, required } from "./config.js";
import { StoreError, Store, createUser, migrate } from "./store.js";
import { server } from "./web.js";

const USAGE = "usage: main.js web | migrate | admin create-user --name NAME --role user|admin";

async function main(words) {
  const [, name, role] = /^admin create-user --name (\S+) --role (user|admin)$/.exec(words.join(" ")) ?? [];
  if (words.join(" ") === "web") return serve(config());
  if (words.join(" ") === "migrate") {
    await migrate(database());
    console.log("migrated");
  } else if (name) {
    // An argument could be read by everybody on the machine (`ps`).
    await createUser(database(), name, role, required("NEW_USER_PASSWORD", (text) => text));
    console.log(`created user=${name} role=${role}`);
  } else {
    console.error(USAGE);
    process.exitCode = 2;
  }
}

function serve(settings) {
  const store = new Store(settings);
  const listening = server(settings, store);
  listening.on("error", (error) => {
    console.error(`links: cannot listen on port ${settings.port} (PORT): ${error.code}`);
    process.exit(1);
  });
  listening.listen(settings.port, "0.0.0.0", () => {
    console.log(`listening port=${settings.port} release=${settings.releaseId}`);
  });
  for (const signal of ["SIGTERM", "SIGINT"]) {
    process.on(signal, () => {
      setTimeout(() => process.exit(0), settings.shutdownGrace * 1000).unref();
      listening.close(async () => {
        await store.close();
        console.log("stopped");
      });
    });
  }
}

main(process.argv.slice(2)).catch((error) => {
  const known = error instanceof ConfigError || error instanceof StoreError;
  console.error(`links: ${known ? error.message : error.stack}`);
  process.exitCode = 1;
});
