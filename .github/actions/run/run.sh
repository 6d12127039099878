#!/usr/bin/env bash
# Runs the scenarios. All that the workflow says comes from the environment, is never split at spaces and never executed.
set -euo pipefail

# Each line of $1 that is not empty, without the spaces around it, as an element of `lines`.
split() {
    lines=()
    while IFS= read -r line || [[ -n $line ]]; do
        line="${line#"${line%%[![:space:]]*}"}"
        line="${line%"${line##*[![:space:]]}"}"
        if [[ -n $line ]]; then lines+=("$line"); fi
    done <<< "$1"
}

split "$INPUT_ARGS"
flags=(${lines[@]+"${lines[@]}"})
if [[ -n $INPUT_SEED ]]; then flags+=("--seed=$INPUT_SEED"); fi
if [[ -n $INPUT_SEEDS ]]; then flags+=("--seeds=$INPUT_SEEDS"); fi
if [[ -n $INPUT_ENGINE ]]; then flags+=("--engine=$INPUT_ENGINE"); fi
if [[ -n $INPUT_JUNIT ]]; then flags+=("--report=junit=$INPUT_JUNIT"); fi
summary="$RUNNER_TEMP/blynk-sim-summary.md"
rm -f "$summary"
if [[ $INPUT_SUMMARY == true ]]; then flags+=("--report=markdown=$summary"); fi

split "$INPUT_PATHS"
exit=0
"$RUNNER_TEMP/blynk-sim/bin/blynk-sim" run ${flags[@]+"${flags[@]}"} -- ${lines[@]+"${lines[@]}"} || exit=$?
# A step's summary is added to: other tools write there too.
if [[ -f $summary ]]; then cat "$summary" >> "$GITHUB_STEP_SUMMARY"; fi
exit "$exit"
