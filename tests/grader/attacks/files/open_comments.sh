# attack: Eighty thousand comments that nobody closes, on a line: who looked for their ends took three minutes.
# route: compile bombs
# class: stopped
# verdict: build
# message: within comment

printf '#include <span> ' > buddy.cpp
for i in 1 2 3 4 5 6 7 8; do printf '/* %.0s' $(seq 10000) >> buddy.cpp; done
