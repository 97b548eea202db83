#!/usr/bin/env bash
# Runs `make apply` and `make test` on minimal Debian systems: debootstrap's smallest variant with Python, make and git.
#
#   tests/bare.sh "SYSTEMS" "ORDERS"     for example: tests/bare.sh trixie "apply-first test-first"
#
# Each order has its own clone of HEAD. The clone's path has a space and an ampersand, the umask is 077, and the
# environment has only PATH, HOME and LANG. Only root can run it. The systems and the logs are kept for the next run in
# toolkit-bare under TMPDIR, or /var/tmp if TMPDIR is not set.
# shellcheck disable=SC2016  # apt and the inner bash expand what is in single quotes
set -euo pipefail
cd "$(dirname "$0")/.."

systems=${1:-bookworm trixie}
orders=${2:-apply-first test-first}
packages=ca-certificates,python3,python3-venv,make,git
certificates=/etc/ssl/certs/ca-certificates.crt
folder=${TMPDIR:-/var/tmp}/toolkit-bare

fail() {
  echo "bare: $1" >&2
  exit 1
}

# Prints the archive that this machine's apt is configured to use.
mirror() {
  apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Label: Debian' | sort -u | head -n 1
}

# Writes the host's settings for the package index in the format of pip.conf. A variable wins over a file.
pip_settings() {
  echo '[global]'
  {
    python3 -m pip config list 2>/dev/null |
      sed -nE "s/^(:env:|global)\.(index-url|extra-index-url|trusted-host|proxy|cert|(default-)?timeout)='(.*)'$/\2 = \4/p" || true
    echo "cert = $certificates"
  } | sort --stable --unique --field-separator='=' --key=1,1
}

# Creates the system in $folder/NAME if an earlier run has not, and updates the host's settings in it.
prepare() {
  local root=$folder/$1 uri
  if [ ! -d "$root" ]; then
    command -v debootstrap >/dev/null || fail "debootstrap not found. Run: apt-get install debootstrap"
    uri=$(mirror || true)
    [ -n "$uri" ] || fail "apt does not list a Debian archive. Run: apt-get update"
    rm -rf "$root.new"
    unshare --mount debootstrap --variant=minbase --include="$packages" "$1" "$root.new" "$uri" \
      >"$folder/$1-debootstrap.log" 2>&1 ||
      fail "debootstrap failed: $folder/$1-debootstrap.log"
    mv "$root.new" "$root"
  fi
  cp --dereference /etc/resolv.conf "$root/etc/resolv.conf"
  cp "$certificates" "$root$certificates"
  pip_settings >"$root/etc/pip.conf"
}

# Runs a command in the clone in a system. The mounts are in a namespace, and end with the command.
run_in() {
  local root=$1 clone=$2
  shift 2
  unshare --mount bash -euc '
    root=$1 clone=$2
    shift 2
    mount -t proc proc "$root/proc"
    mount -t devpts -o newinstance,ptmxmode=666 devpts "$root/dev/pts"
    mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
    umask 077
    exec chroot "$root" env --ignore-environment --chdir="$clone" \
      PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C "$@"
  ' bare "$root" "$clone" "$@" </dev/null
}

# Runs both commands in a new clone, and prints a line for each with its seconds and its last line.
check() {
  local system=$1 order=$2 commands command log seconds status result passed=0
  local root=$folder/$system clone="/srv/clones/policy & practice/$order"
  case $order in
    apply-first) commands="apply test" ;;
    test-first) commands="test apply" ;;
  esac
  rm -rf "${root:?}$clone"
  (umask 077 && git clone --quiet --no-hardlinks . "$root$clone") || fail "git could not clone HEAD."
  for command in $commands; do
    log=$folder/$system-$order-$command.log
    seconds=$SECONDS status=0
    run_in "$root" "$clone" make "$command" >"$log" 2>&1 || status=$?
    result=$(grep -E '^=+ .* in [0-9.]+s.* =+$' "$log" | tail -n 1 || true)
    printf '%-9s %-12s make %-6s exit %d  %4d s  %s\n' \
      "$system" "$order" "$command" "$status" $((SECONDS - seconds)) "${result:-$(tail -n 1 "$log")}"
    [ "$status" = 0 ] || passed=1
  done
  return "$passed"
}

[ "$(id --user)" = 0 ] || fail "only root can run it, because debootstrap and chroot need root."
for order in $orders; do
  case $order in
    apply-first | test-first) ;;
    *) fail "unknown order $order. The orders are apply-first and test-first." ;;
  esac
done
umask 022
mkdir -p "$folder"
[ -O "$folder" ] || fail "$folder belongs to another user. Set TMPDIR to another folder."
folder=$(cd "$folder" && pwd)
failed=0
for system in $systems; do
  prepare "$system"
  for order in $orders; do
    check "$system" "$order" || failed=1
  done
done
echo "The logs are in $folder"
exit "$failed"
