// Installs the packages of package-lock.json into a folder; what is there already is not fetched again.

import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.argv[2];
const installed = join(folder, "installed.json");
const lock = readFileSync("package-lock.json", "utf8");

if (!existsSync(installed) || readFileSync(installed, "utf8") !== lock) {
  mkdirSync(folder, { recursive: true });
  for (const name of ["package.json", "package-lock.json"]) copyFileSync(name, join(folder, name));
  execFileSync("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts"], { cwd: folder, stdio: "inherit" });
  writeFileSync(installed, lock);
}
