#!/usr/bin/env bash
# A standalone cluster of Spark on this machine alone, for one command of Tandem:
#   conf/standalone.sh [-w WORKERS] [-c CORES] [-m MEMORY] [-d FOLDER] COMMAND [OPTION...]
#   conf/standalone.sh -w 2 generate --out /sets/shapes --images 200
#
# One master and WORKERS workers (2 by default), each a process of its own with CORES cores (1) and
# MEMORY for executors (2g), all on 127.0.0.1. A worker that dies is started again, as a service
# manager would. Ends with the exit code of the command, and ends the processes that it started.
#   SPARK_HOME   an installed Spark; without it, the jars that the build collected
#   FOLDER       logs, process ids (worker-1.pid), scratch; without -d a temporary one, which goes
set -uo pipefail

fail() {
  echo "Cannot start a standalone cluster: $*" >&2
  exit 2
}

workers=2 cores=1 memory=2g folder=
while getopts :w:c:m:d: option; do
  case $option in
    w) workers=$OPTARG ;;
    c) cores=$OPTARG ;;
    m) memory=$OPTARG ;;
    d) folder=$OPTARG ;;
    *) fail "there is no option -$OPTARG (-w WORKERS, -c CORES, -m MEMORY, -d FOLDER)." ;;
  esac
done
shift $((OPTIND - 1))
[[ $workers =~ ^[1-9][0-9]*$ ]] || fail "-w is '$workers' (1 or more workers)."
[[ $cores =~ ^[1-9][0-9]*$ ]] || fail "-c is '$cores' (1 or more cores)."
[[ $# -gt 0 ]] || fail "no command is named (such as: generate --out /sets/shapes)."

home=$(cd -P "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
target=$home/spark-job/target
all=$target/tandem-spark-job-all.jar
[[ -f $all ]] || fail "there is no $all. Build it with mvn package."
java=${JAVA_HOME:+$JAVA_HOME/bin/java}
java=${java:-java}

if [[ -z $folder ]]; then
  folder=$(mktemp -d)
  is_own=true
else
  mkdir -p "$folder" || fail "folder '$folder' cannot be made."
  folder=$(cd -P "$folder" && pwd)
  is_own=false
fi

# An installed Spark has its jars in one folder; the build has those of Spark in one and the few
# that Tandem shares with it in another.
executor_classes=()
if [[ -n ${SPARK_HOME:-} ]]; then
  classpath=$SPARK_HOME/jars/*
else
  classpath=$(ls "$target"/spark/*.jar "$target"/lib/{jackson,log4j,slf4j,commons}-*.jar | paste -sd:)
  executor_classes=("spark.executor.extraClassPath=$classpath")
  export SPARK_HOME=$folder/spark-home
  mkdir -p "$SPARK_HOME/jars"
fi
scala=$(ls "${classpath%%\**}" 2>/dev/null | grep -m1 '^scala-library-' ||
  tr : '\n' <<<"$classpath" | grep -m1 'scala-library-')
scala=${scala##*scala-library-}
export SPARK_SCALA_VERSION=${scala%.*.jar}
export SPARK_LOCAL_IP=127.0.0.1 SPARK_NO_DAEMONIZE=1
# As in spark-job/bin/tandem, which says why.
export MALLOC_ARENA_MAX=${MALLOC_ARENA_MAX:-2}
export MALLOC_MMAP_THRESHOLD_=${MALLOC_MMAP_THRESHOLD_:-33554432}
export MALLOC_TRIM_THRESHOLD_=${MALLOC_TRIM_THRESHOLD_:-536870912}

pids=()
# shellcheck disable=SC2317 # called by the trap
end() {
  touch "$folder/stopped"
  local pid
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null; done
  for pid in "$folder"/*.pid; do [[ -f $pid ]] && kill "$(<"$pid")" 2>/dev/null; done
  wait 2>/dev/null
  [[ $is_own == false ]] || rm -rf "$folder"
}
trap end EXIT
trap 'exit 143' TERM
trap 'exit 130' INT
rm -f "$folder"/*.pid "$folder/stopped"

service=("$java" "@$home/conf/spark-java.options" -Xmx512m -XX:TieredStopAtLevel=1
  "-Dlog4j2.configurationFile=$home/conf/log4j2.properties" -Dtandem.spark.log=info
  -cp "$classpath")

# Executors that are killed again and again do not end the application.
"${service[@]}" -Dspark.deploy.maxExecutorRetries=-1 org.apache.spark.deploy.master.Master --host 127.0.0.1 --port 0 --webui-port 0 \
  >"$folder/master.log" 2>&1 &
echo $! >"$folder/master.pid"
master=
for _ in $(seq 1 600); do
  master=$(grep -o -m1 'Starting Spark master at spark://[0-9.:]*' "$folder/master.log" | grep -o 'spark://.*')
  [[ -z $master ]] || break
  kill -0 "$(<"$folder/master.pid")" 2>/dev/null || break
  sleep 0.2
done
[[ -n $master ]] || fail "the master did not come up: $(tail -n 5 "$folder/master.log")"

for number in $(seq 1 "$workers"); do
  (
    while [[ ! -e $folder/stopped ]]; do
      "${service[@]}" org.apache.spark.deploy.worker.Worker --host 127.0.0.1 --port 0 --webui-port 0 \
        --cores "$cores" --memory "$memory" --work-dir "$folder/work-$number" "$master" \
        >>"$folder/worker-$number.log" 2>&1 &
      echo $! >"$folder/worker-$number.pid"
      wait $! 2>/dev/null
      sleep 0.2
    done
  ) &
  pids+=($!)
done
for _ in $(seq 1 600); do
  [[ $(grep -c 'Registering worker' "$folder/master.log") -lt $workers ]] || break
  sleep 0.2
done

# What spark-submit does in client mode, which needs Ivy besides, for packages: jars go to executors by
# spark.jars, settings are properties of the driver's JVM.
natives=$(echo "$target"/lib/pytorch-native-cpu-*.jar)
settings=(
  spark.submit.deployMode=client
  spark.app.name=tandem
  spark.master="$master"
  spark.jars="$all,$natives"
  spark.driver.host=127.0.0.1
  spark.driver.bindAddress=127.0.0.1
  spark.ui.enabled=false
  spark.local.dir="$folder/scratch"
  spark.executor.cores="$cores"
  spark.executor.memory=1g
  spark.executor.instances="$workers"
  # The first job waits until all of them are there.
  spark.cores.max=$((workers * cores))
  spark.scheduler.minRegisteredResourcesRatio=1.0
  "${executor_classes[@]}"
)
"$java" "@$home/conf/spark-java.options" -Xmx1g "-Djava.io.tmpdir=$folder" -Dai.djl.offline=true \
  "-Dlog4j2.configurationFile=$home/conf/log4j2.properties" -DSPARK_SUBMIT=true \
  "${settings[@]/#/-D}" -cp "$all:$natives:$classpath" io.tandem.cli.Tandem "$@" &
driver=$!
echo $driver >"$folder/driver.pid"
wait $driver
code=$?
rm -f "$folder/driver.pid"
exit $code
