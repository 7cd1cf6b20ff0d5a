#!/usr/bin/env bash
# Runs the notebooks from top to bottom without a browser: notebooks/run.sh [RUN [SWEEP [OUT]]]
#
#   RUN     folder of a run (tandem generate --out RUN); $TANDEM_RUN, or out/demo
#   SWEEP   folder of a sweep; $TANDEM_SWEEP, or out/draft-scales. Where there is none, 03-frontier shows RUN alone.
#   OUT     folder for the notebooks with their outputs; out/notebooks. The ones here stay without.
#
# 00-decode runs too where there is a decode ($TANDEM_DECODE, or out/first). PYTHON names the interpreter.
# Ends with 0 if all ran, or if what they need is not installed, which it names; with 1 if one failed, with 2 if there
# is no run.
set -uo pipefail

here=$(cd -P "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")
python=${PYTHON:-python3}

if ! command -v "$python" >/dev/null; then
  echo "Notebooks not run: there is no $python here (PYTHON names another one)."
  exit 0
fi

missing=$("$python" - <<'END'
import importlib.util
needed = ["nbconvert", "ipykernel", "duckdb", "pyarrow", "numpy", "matplotlib"]
print(*[name for name in needed if importlib.util.find_spec(name) is None])
END
) || missing="a $python that starts"
if [[ -n $missing ]]; then
  echo "Notebooks not run: not installed here: $missing (pip install nbconvert ipykernel duckdb pyarrow numpy matplotlib)."
  exit 0
fi

export TANDEM_RUN TANDEM_SWEEP TANDEM_DECODE
TANDEM_RUN=$(realpath -m -- "${1:-${TANDEM_RUN:-$root/out/demo}}")
TANDEM_SWEEP=$(realpath -m -- "${2:-${TANDEM_SWEEP:-$root/out/draft-scales}}")
TANDEM_DECODE=$(realpath -m -- "${TANDEM_DECODE:-$root/out/first}")
out=$(realpath -m -- "${3:-$root/out/notebooks}")
if [[ ! -f $TANDEM_RUN/run.json ]]; then
  echo "Cannot run the notebooks on '$TANDEM_RUN': there is no run.json in it (the folder of a run is needed)." \
    "Make one with spark-job/bin/tandem generate --images 200 --out '$TANDEM_RUN'." >&2
  exit 2
fi

mkdir -p "$out" || exit 2
failed=0
for notebook in "$here"/[0-9]*.ipynb; do
  name=$(basename "$notebook" .ipynb)
  if [[ $name == 00-decode && ! -f $TANDEM_DECODE/decode.json ]]; then
    echo "$name: left out (no decode in '$TANDEM_DECODE')"
    continue
  fi
  if (cd "$here" && "$python" -m nbconvert --log-level=ERROR --to notebook --execute \
    --ExecutePreprocessor.timeout=1200 --output-dir "$out" "$notebook"); then
    echo "$name: ran ($out/$name.ipynb)"
  else
    echo "$name: FAILED"
    failed=1
  fi
done
exit $failed
