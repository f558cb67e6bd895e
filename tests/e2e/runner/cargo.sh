#!/bin/bash
# Stands in for cargo: `cargo install` installs the program that the tests were built with. What it has not learned yet
# (expectations) is played, so that every step is run; where it has, it does it itself.
set -eu
echo "$*" >> "$RUNNER_STAND_IN/cargo.log"
while [ "$1" != --root ]; do shift; done
mkdir -p "$2/bin"
cat > "$2/bin/skew" << END
#!/bin/bash
skew=$SKEW_BUILT
END
cat >> "$2/bin/skew" << 'END'
knows() { "$skew" "$1" --help 2> /dev/null | grep -q -- "$2"; }
case "$*" in
    check)
        knows bless expected || { ! GITHUB_ACTIONS= "$skew" report --format csv | grep ',changed'; exit; } ;;
esac
exec "$skew" "$@"
END
chmod +x "$2/bin/skew"
