#!/bin/bash
# Stands in for cargo: `cargo install` installs the program that the tests were built with. As a script, because what was
# copied a moment ago may still be open for writing in a process that another test started, and then cannot be executed.
set -eu
echo "$*" >> "$RUNNER_STAND_IN/cargo.log"
while [ "$1" != --root ]; do shift; done
mkdir -p "$2/bin"
printf '#!/bin/bash\nexec %q "$@"\n' "$SKEW_BUILT" > "$2/bin/skew"
chmod +x "$2/bin/skew"
