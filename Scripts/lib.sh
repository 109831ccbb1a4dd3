# What the scripts share; sourced by them, not run. Sets the strict mode, finds the package's top folder, and
# installs the system packages that a step needs.
# shellcheck shell=bash disable=SC2034
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)

# A plain user's search path lacks the folders where tcpdump, nft and others live.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

# Each need is a Debian package and what shows that it is there: a program's name or a file's path.
build_needs=(
  pkg-config:pkg-config
  libcap-dev:/usr/include/sys/capability.h
  libpcap-dev:/usr/include/pcap/pcap.h
)
test_needs=(
  tshark:tshark
  tcpdump:tcpdump
  iproute2:ip
  iputils-ping:ping
  nmap:nmap
  hping3:hping3
  python3-scapy:/usr/lib/python3/dist-packages/scapy
  nftables:nft
  ethtool:ethtool
)

say() { printf '%s\n' "$*" >&2; }

# fail TEXT: says why and ends with status 2, which in all of sonde means that nothing was tried.
fail() {
  say "$*"
  exit 2
}

have() {
  case $1 in
    /*) [[ -e $1 ]] ;;
    *) command -v "$1" >/dev/null ;;
  esac
}

# need NEED…: installs what is missing where we may, or says in one line what to run.
need() {
  local entry packages=() as=()
  for entry in "$@"; do
    have "${entry#*:}" || packages+=("${entry%%:*}")
  done
  ((${#packages[@]} > 0)) || return 0

  have apt-get || fail "missing: what Debian packages as ${packages[*]}; install it by this system's own means"
  if ((EUID != 0)); then
    sudo -n true 2>/dev/null || fail "missing packages; run: sudo apt-get install ${packages[*]}"
    as=(sudo -n)
  fi
  say "installing ${packages[*]}"
  local apt=("${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300)
  # A fresh machine has no package lists and an old one stale lists: they are fetched when the first try fails.
  "${apt[@]}" install --no-install-recommends "${packages[@]}" >&2 && return
  "${apt[@]}" update >&2 || true
  "${apt[@]}" install --no-install-recommends "${packages[@]}" >&2 ||
    fail "could not install; see above, then run: apt-get install ${packages[*]}"
}

# Ends unless the Swift compiler can be found.
need_swift() {
  have swift || fail "swift is not on the search path; Swift 6.3 is needed: https://www.swift.org/install/linux/"
}
