// The build stage: installs what package-lock.json locks, and writes down the commit. `node build.js FOLDER`
//
// FOLDER then holds `node_modules/` and `commit.txt`, which go into the release beside the code.

import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const HERE = path.dirname(fileURLToPath(import.meta.url));

function main(folder) {
  mkdirSync(folder, { recursive: true });
  install(folder);
  // Asked for now, since where the program runs there is no repository. A commit with changes beside it is no commit.
  const git = ["describe", "--always", "--abbrev=40", "--exclude=*", "--dirty"];
  writeFileSync(path.join(folder, "commit.txt"), execFileSync("git", git, { cwd: HERE }));
}

function install(folder) {
  const wanted = readFileSync(path.join(HERE, "package-lock.json"), "utf8") + process.version;
  const installed = path.join(folder, "node_modules", "installed.txt");
  if (existsSync(installed) && readFileSync(installed, "utf8") === wanted) return;
  for (const file of ["package.json", "package-lock.json"]) copyFileSync(path.join(HERE, file), path.join(folder, file));
  // `ci`, not `install`: exactly what is locked, or an error. And nothing of what packages want to run on this machine while
  // they are installed: none of ours needs it, and that is how stolen packages begin their work.
  const options = ["--omit=dev", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"];
  execFileSync("npm", ["ci", ...options], { cwd: folder, stdio: "inherit" });
  // Last, so that an installation that was interrupted is done again.
  writeFileSync(installed, wanted);
}

main(path.resolve(process.argv[2]));
