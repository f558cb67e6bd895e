#!/bin/bash
# Stands in for cargo: `cargo install` installs the program that the tests were built with. What it has not learned yet
# (shards, joining them, expectations) is played, so that every step is run; where it has, it does it itself.
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
    "plan --shards"*)
        knows plan --shards || { echo '{"include":[{"shard":"1/2","cells":1},{"shard":"2/2","cells":1}]}'; exit; } ;;
    "run --shard"*)
        knows run --shard || set -- run "${@:4}" ;;
    "merge "*)
        knows merge DIR || { cp "$2/results.db" .skew/; exit; } ;;
    check)
        knows bless expected || { "$skew" report --format compact | diff expected.yaml - && exit; exit 1; } ;;
esac
exec "$skew" "$@"
END
chmod +x "$2/bin/skew"
