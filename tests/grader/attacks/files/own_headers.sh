# attack: Brings headers of its own, with the names of the kit's.
# route: files
# class: stopped
# verdict: rejected
# message: it uses

mkdir -p kernel/mm kernel/lib mm
echo 'static inline void buddy_free(int);' > kernel/mm/buddy.h
cp kernel/mm/buddy.h mm/buddy.h
echo '#error the submission has its own header' > kernel/lib/print.h
cat > kernel/mm/buddy.cpp <<'END'
#include "lib/print.h"
#include "mm/buddy.h"
void power_off(unsigned char);
size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start) { power_off(1); return *start = 0, max; }
void buddy_free(buddy *, size_t, size_t) {}
END
