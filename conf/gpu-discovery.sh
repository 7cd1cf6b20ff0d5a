#!/usr/bin/env bash
# Tells Spark which GPUs this machine or container has:
#   spark.executor.resource.gpu.discoveryScript (YARN, Kubernetes), spark.worker.resource.gpu.discoveryScript (standalone)
#
# The addresses are the device numbers of CUDA with CUDA_DEVICE_ORDER=PCI_BUS_ID, which
# spark-defaults-gpu.conf sets for executors. With CUDA_VISIBLE_DEVICES=2,5 they are 0 and 1, as CUDA counts.
set -euo pipefail

fail() {
  echo "Cannot find GPUs on $(hostname 2>/dev/null || echo this host): $*" >&2
  exit 1
}

command -v nvidia-smi >/dev/null ||
  fail "there is no nvidia-smi on the PATH (the driver of NVIDIA brings it). Install the driver," \
    "or give the container its GPUs."

if ! found=$(nvidia-smi --query-gpu=index --format=csv,noheader 2>&1); then
  fail "nvidia-smi says: $found"
fi

mapfile -t addresses < <(sed '/^[[:space:]]*$/d' <<<"$found")
[[ ${#addresses[@]} -gt 0 ]] || fail "nvidia-smi lists none."
for address in "${addresses[@]}"; do
  [[ $address =~ ^[0-9]+$ ]] || fail "nvidia-smi says: $address (a number is needed)."
done

# CUDA counts what this variable lists, up to the first entry that is none, from 0 on.
if [[ -n ${CUDA_VISIBLE_DEVICES+set} ]]; then
  IFS=, read -r -a visible <<<"$CUDA_VISIBLE_DEVICES"
  addresses=()
  for device in ${visible[@]+"${visible[@]}"}; do
    [[ $device =~ ^([0-9]+|GPU-.+|MIG-.+)$ ]] || break
    addresses+=("${#addresses[@]}")
  done
  [[ ${#addresses[@]} -gt 0 ]] ||
    fail "CUDA_VISIBLE_DEVICES is '$CUDA_VISIBLE_DEVICES', which hides them. Unset it."
fi

printf -v list ',"%s"' "${addresses[@]}"
echo "{\"name\":\"gpu\",\"addresses\":[${list#,}]}"
