// attack: A right solution, made slow; in the player's place, as each operation must leave a record before the next one is told, it writes one that says nothing, and those that count at the scenario's end.
// route: forged records
// class: detected
// verdict: crash fail
// message: asked again and again for what comes next | had a record
// played: logarithmic

@PART:plays_buddy@
@PART:kept_records@

static void begin() {}
static void tell(const char *line) { keep(line), record("!0 nothing"); }
static void before_a_stop() { tell_all(); }
static void tell_all() { for_each_kept([](const char *line) { record("%s", line); }); }
