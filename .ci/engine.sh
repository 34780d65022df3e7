#!/usr/bin/env bash
# Make sure that a Docker engine answers. One is installed and started only on Debian or Ubuntu, as root, when none answers and somebody
# agreed: CI=true, FACTORY_INSTALL_ENGINE=1, or a yes at the terminal. Otherwise it says what to do. Does nothing when one answers.
set -euo pipefail
cd "$(dirname "$0")/.."

# Where the machine's own files begin; another place for tests.
TOP=${FACTORY_ENGINE_TOP:-}
LOG=$TOP/var/log/factory-dockerd.log

main() {
  local why
  if why=$(node .ci/ping.mjs 2>&1); then return; fi
  if [ -n "${DOCKER_HOST:-}${DOCKER_CONTEXT:-}" ] || ! can_install; then give_up "$why"; fi
  agreed || give_up "$why"
  command -v dockerd > /dev/null && command -v iptables > /dev/null && command -v debootstrap > /dev/null || install_engine
  start_engine
}

answers() { node .ci/ping.mjs > /dev/null 2>&1; }

on_debian() { [ -f "$TOP/etc/debian_version" ]; }
can_install() { on_debian && [ "$(id -u)" = 0 ]; }
has_systemd() { [ -d "$TOP/run/systemd/system" ]; }

agreed() {
  if [ "${CI:-}" = true ] || [ "${FACTORY_INSTALL_ENGINE:-}" = 1 ]; then return 0; fi
  if [ ! -t 0 ] || [ ! -t 2 ]; then return 1; fi
  local answer
  read -r -p 'No Docker engine answers. Install and start docker.io here? [y/N] ' answer
  [[ $answer == [yY]* ]]
}

install_engine() {
  echo 'engine: installing docker.io, iptables and debootstrap' >&2
  export DEBIAN_FRONTEND=noninteractive
  local said
  # A mirror may fail to answer once.
  said=$(packages update 2>&1) || said=$(packages update 2>&1) || not_installed "$said"
  said=$(packages install --yes --no-install-recommends docker.io iptables debootstrap 2>&1) || not_installed "$said"
}

packages() { apt-get -qq -o Dpkg::Use-Pty=0 "$@"; }

not_installed() {
  printf 'engine: it could not be installed; the last lines of apt-get:\n%s\n' "$(tail -n 20 <<< "$1")" >&2
  exit 3
}

start_engine() {
  if answers; then return; fi # the package may have started it
  echo 'engine: starting dockerd' >&2
  local engine=''
  if has_systemd; then
    systemctl start docker >&2 || not_started
  else
    setsid dockerd > "$LOG" 2>&1 < /dev/null &
    engine=$!
  fi
  for _ in $(seq 120); do
    if answers; then return; fi
    if [ -n "$engine" ] && ! kill -0 "$engine" 2> /dev/null; then break; fi
    sleep 0.5
  done
  not_started
}

not_started() {
  echo 'engine: dockerd was started but does not answer; its last lines:' >&2
  if has_systemd; then journalctl --unit docker --lines 15 --no-pager >&2 || true; else tail -n 15 "$LOG" >&2 || true; fi
  exit 3
}

give_up() {
  printf '%s\nOr name an engine that is elsewhere with DOCKER_HOST.\n' "$1" >&2
  if on_debian; then echo 'On this system root can have one installed and started: FACTORY_INSTALL_ENGINE=1 make setup' >&2; fi
  exit 3
}

main
