# Sourced by the scripts beside it: finds a JDK 25, builds the benchmarks when sources are newer than the last build,
# and leaves the command to start them in the array `java`.

bench_home=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$bench_home")
cd "$root"

# Prints the home of the JDK if it is of version 25 or later.
suitable() {
    local version
    [ -x "$1/bin/javac" ] || return 1
    version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null)
    [ "${version:-0}" -ge 25 ] && echo "$1"
}

find_jdk() {
    local candidate
    for candidate in "${JAVA_HOME:-}" /usr/lib/jvm/* "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/* /opt/*jdk*; do
        suitable "$candidate" && return
    done
    candidate=$(readlink -f "$(command -v javac)" 2>/dev/null) && suitable "${candidate%/bin/javac}"
}

JAVA_HOME=$(find_jdk) || {
    echo "No JDK 25 found; install one or point JAVA_HOME at it." >&2
    exit 1
}
export JAVA_HOME

built="$bench_home/target/lib/.built"
if [ ! -e "$built" ] || [ -n "$(find pom.xml store bench -newer "$built" \( -name '*.java' -o -name pom.xml \) -not -path '*/target/*' -print -quit)" ]; then
    echo "Building..." >&2
    mvn -q -B -ntp -pl bench -am -DskipTests package >"$bench_home/build.log" 2>&1 || {
        cat "$bench_home/build.log" >&2
        exit 1
    }
    rm -f "$bench_home/build.log"
    touch "$built"
fi

commit=$(git rev-parse --short HEAD 2>/dev/null || echo unknown)
[ -z "$(git status --porcelain 2>/dev/null)" ] || commit="$commit+changes"

# The JVMs that measure are started by this one, with the flags that their engine needs.
java=(
    "$JAVA_HOME/bin/java"
    --enable-native-access=ALL-UNNAMED
    --sun-misc-unsafe-memory-access=allow # JMH
    "-Dpenstock.bench.commit=$commit"
    "-Dpenstock.bench.data=$bench_home/target/data"
    -cp "$(echo "$bench_home"/target/penstock-bench-*.jar):$bench_home/target/lib/*" # an AOT cache wants jars alone
)
