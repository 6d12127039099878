#!/usr/bin/env bash
# Builds the program into the folder that the cache keeps.
set -euo pipefail
cd "$(dirname "$0")/../../.."

# They would replace the flags of .cargo/config.toml, without which the simulator refuses to compile.
unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_RUSTFLAGS

cargo install --locked --path sim --root "$RUNNER_TEMP/blynk-sim" --target-dir "$RUNNER_TEMP/blynk-sim-target"
