# attack: A message of the compiler's that says `error:` thirty thousand times: who looked for what comes behind took minutes.
# route: compile bombs
# class: stopped
# verdict: build
# message: #error error: error:

printf '#error ' > buddy.cpp
for i in 1 2 3; do printf 'error: %.0s' $(seq 10000) >> buddy.cpp; done
