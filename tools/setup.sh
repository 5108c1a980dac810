#!/usr/bin/env bash
# Installs what is missing and says so: Debian packages through apt, Python packages into a virtual environment.
#   tools/setup.sh          what building and testing need; .venv if tools/requirements.txt exists
#   tools/setup.sh --bench  also .venv-bench with the rivals of bench/requirements.txt
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(g++ cmake ninja-build ccache clang-format python3 python3-venv
  flatbuffers-compiler libflatbuffers-dev libxxhash-dev nlohmann-json3-dev libcli11-dev libgtest-dev
  libsnappy-dev zlib1g-dev libprotobuf-dev protobuf-compiler)

install_missing_packages() {
  if ! command -v dpkg-query >/dev/null; then
    echo "setup: not a Debian system; please provide the equivalents of: ${packages[*]}"
    return
  fi
  local missing=() package
  for package in "${packages[@]}"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  local root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
      echo "setup: missing ${missing[*]}; run as root: apt-get install ${missing[*]}" >&2
      exit 1
    }
    root=(sudo)
  fi
  echo "setup: installing ${missing[*]}"
  "${root[@]}" apt-get update -qq
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
}

# make_environment <folder> <requirements file> [venv options]: remade only when the requirements change.
make_environment() {
  local folder=$1 requirements=$2
  shift 2
  local stamp="$folder/requirements.sha256" sum
  sum=$(sha256sum <"$requirements")
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$sum" ] && return
  echo "setup: installing $requirements into $folder"
  python3 -m venv "$@" "$folder"
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check -r "$requirements"
  echo "$sum" >"$stamp"
}

install_missing_packages
if [ -f tools/requirements.txt ]; then make_environment .venv tools/requirements.txt; fi
if [ "${1:-}" = "--bench" ]; then
  # Debian's own torch, where a person has installed it, stays importable beside the PyPI packages.
  make_environment .venv-bench bench/requirements.txt --system-site-packages
fi
