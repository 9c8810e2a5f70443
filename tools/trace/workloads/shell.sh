# Something for a shell to work on: no programs, only its own variables, arrays and functions.
declare -A count

split() {
    local line=$1 word
    for word in $line; do
        word=${word//[^a-z]/}
        [ -n "$word" ] && count[$word]=$((${count[$word]:-0} + 1))
    done
}

text="the quick brown fox jumps over the lazy dog while the slow grey cat sleeps under a warm lamp"
for round in 1 2 3 4 5 6 7 8; do
    for shift in 0 4 10 16 20; do
        split "${text:$shift} ${text:0:$shift} round$round"
    done
    lines+=("$round: ${!count[*]}")
done
for word in "${!count[@]}"; do
    printf '%s %d\n' "$word" "${count[$word]}"
done
printf '%s\n' "${lines[@]}"
