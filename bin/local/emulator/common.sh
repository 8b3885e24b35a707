# shellcheck shell=bash
# Shared by ministack/up and ministack/down; sourced, never run.
#
# init_state comes first; `up` sets PORT before it. HEALTH below is the path of the emulator's health check.

NAME=
STATE=
say() { printf '%s: %s\n' "$NAME" "$*" >&2; }
die() { say "error: $*"; exit 1; }

# init_state NAME [STATE_DIR]: resolve (with CREATE_STATE=1: create) the folder that holds all this emulator writes.
init_state() {
  NAME=$1
  local base=${2:-./.emulator}
  if [[ ${CREATE_STATE:-0} == 1 ]]; then
    mkdir -p "$base/$NAME"
    [[ -e $base/.gitignore ]] || echo '*' >"$base/.gitignore"
  elif [[ ! -d $base/$NAME ]]; then
    say "nothing to stop: no $base/$NAME"
    exit 0
  fi
  STATE=$(cd "$base/$NAME" && pwd)
  VENV=$STATE/venv
  PID_FILE=$STATE/emulator.pid
  LOG_FILE=$STATE/emulator.log
}

sha256_of() { # hash of the concatenated files
  if command -v sha256sum >/dev/null; then cat "$@" | sha256sum | cut -d' ' -f1; else cat "$@" | shasum -a 256 | cut -d' ' -f1; fi
}

# need_stamp NAME HASH: true if the step NAME was not last completed with HASH.
need_stamp() { [[ $(cat "$STATE/$1.stamp" 2>/dev/null || true) != "$2" ]]; }
put_stamp() { printf '%s\n' "$2" >"$STATE/$1.stamp"; }

# make_venv PYTHON REQUIREMENTS: (re)build the venv only if it is missing or the requirements or the interpreter changed.
make_venv() {
  local python=$1 requirements=$2 stamp
  stamp="$(sha256_of "$requirements") $("$python" -c 'import platform, sys; print(sys.executable, platform.python_version())')"
  if [[ -x $VENV/bin/python ]] && ! need_stamp venv "$stamp"; then return; fi
  say "creating the Python environment (first start, or the pins changed) ..."
  rm -rf "$VENV" "$STATE/venv.stamp"
  "$python" -m venv "$VENV" >"$STATE/install.log" 2>&1 || die "$python -m venv failed; see $STATE/install.log"
  say "installing the pinned emulator, hash-checked ..."
  if ! "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --require-hashes \
      -r "$requirements" >"$STATE/install.log" 2>&1; then
    tail -n 25 "$STATE/install.log" >&2
    die "pip install failed; the whole log is $STATE/install.log"
  fi
  put_stamp venv "$stamp"
}

# started_at PID: the start time of a process, to recognise a recycled pid; empty if there is no such process.
started_at() { LC_ALL=C ps -o lstart= -p "$1" 2>/dev/null | sed 's/^ *//; s/ *$//' || true; }

# running_pid: print the pid in the pid file if that very process still runs.
running_pid() {
  local pid started
  [[ -f $PID_FILE ]] || return 1
  { read -r pid && read -r started; } <"$PID_FILE" || return 1
  [[ -n $pid && -n $started && $(started_at "$pid") == "$started" ]] || return 1
  printf '%s\n' "$pid"
}

# probe HEALTH PID SECONDS: wait until the health check answers 200. Exit status: 0 healthy, 2 process PID ended, 3 time is up.
probe() {
  "$VENV/bin/python" - "$PORT" "$@" <<'PY'
import http.client, os, sys, time

port, path, pid, seconds = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
deadline = time.monotonic() + seconds
while True:
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", path)
        if connection.getresponse().status == 200:
            sys.exit(0)
    except (OSError, http.client.HTTPException):
        pass
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        sys.exit(2)
    if time.monotonic() >= deadline:
        sys.exit(3)
    time.sleep(0.05)
PY
}

port_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null; }

# leave_if_running HEALTH: `up` on a running emulator only prints its exports; on another program's port it fails.
leave_if_running() {
  local pid
  if pid=$(running_pid); then
    read -r PORT <"$STATE/port"
    probe "$1" "$pid" 5 || die "pid $pid runs but does not answer on port $PORT; stop it first (down)"
    say "already running: pid $pid, port $PORT"
    print_exports
    exit 0
  fi
  if port_taken; then die "port $PORT is taken by another program (set PORT)"; fi
}

# node_binary: the node that runs Lambdas, as an absolute path.
node_binary() {
  local node
  node=$(command -v "${NODE_BIN:-node}") || die "no Node.js: '${NODE_BIN:-node}' is not on PATH (set NODE_BIN)"
  case $node in /*) ;; *) node=$PWD/$node ;; esac
  printf '%s\n' "$node"
}

# clean_environment: Lambdas inherit the emulator's environment, so it keeps only what a process needs to run: no secret of the
# caller's shell, no real AWS credentials, no --import hook of npm or tsx gets into a function.
clean_environment() {
  local name
  while IFS= read -r name; do
    case $name in
      PATH | HOME | USER | LOGNAME | LANG | LC_* | TZ) ;;
      *) export -n "${name?}" ;; # still this script's variable, no longer its children's
    esac
  done < <(compgen -e)
  export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=us-east-1
  export NO_PROXY="127.0.0.1,localhost" no_proxy="127.0.0.1,localhost"
}

# remove_scratch: remove the scratch folder that the last `up` made (MiniStack only; the name is checked, it is outside of STATE).
remove_scratch() {
  local old
  old=$(cat "$STATE/scratch" 2>/dev/null || true)
  if [[ $old == */arboleda-lambdas.?????? ]]; then rm -rf "$old"; fi
  rm -f "$STATE/scratch"
}

# launch HEALTH COMMAND...: start COMMAND in a session of its own, write the pid file, wait until it is healthy.
launch() {
  local health=$1 pid status=0 limit=${START_TIMEOUT:-90}
  shift
  printf '%s\n' "$PORT" >"$STATE/port"
  "$VENV/bin/python" -c 'import os, sys; os.setsid(); os.execvp(sys.argv[1], sys.argv[1:])' "$@" \
    >"$LOG_FILE" 2>&1 </dev/null &
  pid=$!
  printf '%s\n%s\n' "$pid" "$(started_at "$pid")" >"$PID_FILE"
  probe "$health" "$pid" "$limit" || status=$?
  if ((status == 0)); then
    say "up: pid $pid, http://127.0.0.1:$PORT, log $LOG_FILE"
    return
  fi
  say "last lines of $LOG_FILE:"
  tail -n 30 "$LOG_FILE" >&2
  stop_tree "$pid"
  rm -f "$PID_FILE"
  case $status in
    2) die "the emulator ended while starting" ;;
    3) die "no healthy answer on port $PORT within $limit s (START_TIMEOUT)" ;;
    *) die "the health probe failed (status $status)" ;;
  esac
}

# print_exports: the only thing `up` writes to stdout, for eval "$(up)".
print_exports() {
  local url=http://127.0.0.1:$PORT
  echo "export AWS_ENDPOINT_URL=$url AWS_ENDPOINT_URL_S3=$url AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1"
}

# descendants PID: every process below PID, one "pid start-time" a line.
descendants() {
  LC_ALL=C ps -A -o pid=,ppid=,lstart= | awk -v root="$1" '
    { pid = $1; parent[pid] = $2; $1 = $2 = ""; sub(/^ +/, ""); started[pid] = $0 }
    END { for (pid in parent) for (p = parent[pid]; p > 1; p = parent[p]) if (p == root) { print pid, started[pid]; break } }'
}

# stop_tree PID: SIGTERM, SIGKILL after 5 s, then SIGKILL what is left of the processes it had started.
# A child that handles its own shutdown has those 5 s as well.
stop_tree() {
  local pid=$1 children child started i
  children=$(descendants "$pid")
  kill -TERM "$pid" 2>/dev/null || true
  for ((i = 0; i < 50; i++)); do
    kill -0 "$pid" 2>/dev/null || break
    children+=$'\n'$(descendants "$pid") # those born during the shutdown
    sleep 0.1
  done
  kill -KILL "$pid" 2>/dev/null || true
  while read -r child started; do
    # The start time tells a child from a stranger that got its pid since.
    if [[ -n $child && $(started_at "$child") == "$started" ]]; then kill -KILL "$child" 2>/dev/null || true; fi
  done <<<"$(sort -u <<<"$children")"
}
