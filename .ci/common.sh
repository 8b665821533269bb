# What the rows share. Each sources it first: `source "$(dirname "$0")/common.sh"`.
# A row makes its own environment from the project's own files in a temporary folder, and needs
# nothing but Python 3 with pip, bash, and apt for the rest.
# shellcheck shell=bash
set -euo pipefail

# What is imported is compiled once, by its first import; pip would compile the rest too.
export PIP_COMPILE=0 PYTHONDONTWRITEBYTECODE=

row=$(basename "$0")
if [ -n "${SEEDMAGIC_WORK:-}" ]; then
    work=$SEEDMAGIC_WORK # of rows that share an environment: whoever made it removes it
else
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
fi

step() {
    printf '\n=== %s: %s (%d s so far)\n' "$row" "$1" "$SECONDS"
}

need_package() { # need_package PACKAGE COMMAND...: install PACKAGE where COMMAND fails
    local package=$1
    shift
    if ! "$@" > "$work/probe.log" 2>&1; then
        step "Install $package"
        # Two rows may ask at one time.
        flock /tmp/seedmagic-apt.lock bash -c "apt-get update -qq
            DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $package"
    fi
}

copy_project() { # copy the project, so that a row writes nothing into it, and go there
    project=$work/project
    mkdir "$project"
    tar -C "$(dirname "$0")/.." --exclude=./.git --exclude='./.venv*' --exclude='./.*_cache' \
        --exclude=./dist --exclude=./build -c . | tar -x -C "$project"
    cd "$project"
}

run_tests() { # run_tests PYTEST WANTED FILE...: `full` is all tests, `slow` those marked so, else FILEs
    local pytest=$1 wanted=$2
    shift 2
    step "The tests (${wanted:-what is particular to this row})"
    case $wanted in
        full) "$pytest" -m "" ;;
        slow) "$pytest" -n 3 -m slow --durations 40 ;; # each waits for its kernels much of the time
        *) (cd tests && "$pytest" -n 1 -m "" --durations 20 "$@") ;;
    esac
    step "Done"
}
