#!/usr/bin/env bash
# Prints a key that changes with everything the program is made of: its sources, its dependencies and the compiler.
set -euo pipefail
cd "$(dirname "$0")/../../.."

files() { find Cargo.toml Cargo.lock .cargo core sim/Cargo.toml sim/src reports -type f | LC_ALL=C sort; }

# Git's hashes, because each system calls its other tools for them differently.
key=$({ files; files | git hash-object --stdin-paths; rustc --version; } | git hash-object --stdin)
echo "key=$key"
