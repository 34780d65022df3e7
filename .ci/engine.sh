#!/usr/bin/env bash
# Make sure that a Docker engine answers. One is installed and started only on Debian or Ubuntu, as root, when none answers and somebody
# agreed: CI=true, FACTORY_INSTALL_ENGINE=1, or a yes at the terminal. Otherwise it says what to do. Does nothing when one answers.
set -euo pipefail
cd "$(dirname "$0")/.."

LOG=${FACTORY_ENGINE_LOG:-/var/log/factory-dockerd.log}

main() {
  local why
  if why=$(node .ci/ping.mjs 2>&1); then return; fi
  if [ -n "${DOCKER_HOST:-}${DOCKER_CONTEXT:-}" ] || ! can_install; then give_up "$why"; fi
  agreed || give_up "$why"
  command -v dockerd > /dev/null && command -v iptables > /dev/null && command -v debootstrap > /dev/null || install_engine
  start_engine
}

answers() { node .ci/ping.mjs > /dev/null 2>&1; }

can_install() { [ -f /etc/debian_version ] && [ "$(id -u)" = 0 ]; }

agreed() {
  if [ "${CI:-}" = true ] || [ "${FACTORY_INSTALL_ENGINE:-}" = 1 ]; then return 0; fi
  if [ ! -t 0 ] || [ ! -t 2 ]; then return 1; fi
  local answer
  read -r -p 'No Docker engine answers. Install and start docker.io here? [y/N] ' answer
  [[ $answer == [yY]* ]]
}

install_engine() {
  echo 'engine: installing docker.io, iptables and debootstrap' >&2
  local quiet=(-qq -o Dpkg::Use-Pty=0)
  export DEBIAN_FRONTEND=noninteractive
  apt-get "${quiet[@]}" update >&2 || apt-get "${quiet[@]}" update >&2
  local said
  said=$(apt-get "${quiet[@]}" install --yes --no-install-recommends docker.io iptables debootstrap 2>&1) || {
    tail -n 20 <<< "$said" >&2
    exit 3
  }
}

start_engine() {
  if answers; then return; fi # the package may have started it
  echo 'engine: starting dockerd' >&2
  if [ -d /run/systemd/system ]; then
    systemctl start docker >&2
  else
    setsid dockerd > "$LOG" 2>&1 < /dev/null &
  fi
  local engine=$!
  for _ in $(seq 120); do
    if answers; then return; fi
    if [ ! -d /run/systemd/system ] && ! kill -0 "$engine" 2> /dev/null; then break; fi
    sleep 0.5
  done
  echo 'engine: dockerd was started but does not answer; its last lines:' >&2
  tail -n 15 "$LOG" >&2 || true
  exit 3
}

give_up() {
  cat >&2 <<TEXT
$1
Start Docker (Docker Desktop, colima, or 'systemctl start docker'), or name an engine with DOCKER_HOST.
On Debian or Ubuntu as root, FACTORY_INSTALL_ENGINE=1 make setup installs and starts one.
TEXT
  exit 3
}

main
