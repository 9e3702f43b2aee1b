#!/bin/sh
# For a machine without a network: makes the workshop's folder from a bundle, gives Cargo the crates that are in it, and lets the workshop
# take the rest over.
#
#   tar -xf room.tar.zst start.sh
#   sh start.sh room.tar.zst FOLDER
#
# Needs tar, git and Rust, and zstd for a file that is called so. Where FOLDER is a clone of the workshop already, it stays as it is.
# Cargo's downloads go where they always are ($CARGO_HOME or ~/.cargo); no setting is changed.
set -eu

korean=
case ${LC_ALL:-${LC_MESSAGES:-${LANG:-}}} in ko*) korean=yes ;; esac

say() {
  if [ -n "$korean" ]; then echo "$2"; else echo "$1"; fi
}

fail() {
  say "error: $1" "오류: $2" >&2
  exit 1
}

need() {
  command -v "$1" > /dev/null 2>&1 || fail "this needs the program $1; install it where there is a network" \
    "$1 프로그램이 필요합니다. 네트워크가 되는 곳에서 설치하십시오"
}

# Another program may read at the same time, so each file appears in one step. What is there stays, unless it is shorter: an archive that
# was cut off, or an entry of the index that does not know the newest versions yet.
put() {
  if [ ! -e "$2" ] || [ "$(wc -c < "$2")" -lt "$(wc -c < "$1")" ]; then
    mkdir -p "$(dirname "$2")"
    cp "$1" "$2.new$$"
    mv "$2.new$$" "$2"
  fi
}

if [ $# -ne 2 ]; then
  fail "give the bundle and a folder: sh start.sh room.tar.zst workshop" \
    "꾸러미 파일과 폴더를 지정하십시오: sh start.sh room.tar.zst workshop"
fi
[ -f "$1" ] || fail "there is no file $1" "$1 파일이 없습니다"
need tar
need git
need cargo
file=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
folder=$2

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
say "Unpacking the workshop and its crates…" "워크숍과 크레이트를 푸는 중…"
case $(od -An -tx1 -N2 "$file" | tr -d ' ') in
  28b5) opener=zstd ;;
  1f8b) opener=gzip ;;
  *) opener= ;;
esac
if [ -n "$opener" ] && ! command -v "$opener" > /dev/null 2>&1; then
  fail "this file needs the program $opener; install it where there is a network, or ask for the bundle as room.tar.gz" \
    "이 파일을 열려면 $opener 프로그램이 필요합니다. 네트워크가 되는 곳에서 설치하거나 room.tar.gz로 만든 꾸러미를 받으십시오"
fi
# Only what is needed before the workshop's own program can run. A file that cannot be opened gives tar nothing to find.
${opener:-cat} ${opener:+-dc} < "$file" | tar -xf - -C "$work" workshop.bundle crates index || fail \
  "this is no whole bundle with a workshop in it; copy it once more, and compare its size with the original" \
  "워크숍이 들어 있는 온전한 꾸러미가 아닙니다. 원본과 크기를 비교하고 다시 복사하십시오"

if [ ! -f "$folder/xtask/Cargo.toml" ]; then
  git -c init.defaultBranch=main clone --quiet "$work/workshop.bundle" "$folder"
  # The file that it came from is about to disappear.
  git -C "$folder" remote remove origin
fi

# Inside the folder, which names the version of Rust that it wants.
cd "$folder"
cargo --version > /dev/null 2>&1 || fail \
  "Rust $(sed -n 's/^channel *= *"\(.*\)"/\1/p' rust-toolchain.toml) is not installed, and a bundle brings no Rust along" \
  "Rust $(sed -n 's/^channel *= *"\(.*\)"/\1/p' rust-toolchain.toml) 버전이 설치되어 있지 않고, 꾸러미에도 Rust는 들어 있지 않습니다"

registry=${CARGO_HOME:-$HOME/.cargo}/registry
crates_io=index.crates.io-1949cf8c6b5b557f
echo '{"dl":"https://static.crates.io/crates","api":"https://crates.io"}' > "$work/config.json"
put "$work/config.json" "$registry/index/$crates_io/config.json"
(cd "$work/index" && find . -type f) | while read -r entry; do
  put "$work/index/$entry" "$registry/index/$crates_io/.cache/$entry"
done
(cd "$work/crates" && find . -type f) | while read -r crate; do
  put "$work/crates/$crate" "$registry/cache/$crates_io/$crate"
done
rm -rf "$work"

say "Compiling the workshop's program; it takes about a minute, and no network." \
  "워크숍 프로그램을 컴파일합니다. 1분쯤 걸리고 네트워크는 쓰지 않습니다."
exec cargo xtask unbundle "$file"
