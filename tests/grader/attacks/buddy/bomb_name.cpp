// attack: A function's name that stands for a hundred MiB of text: each of its types is two of those before.
// route: compile bombs
// class: stopped
// verdict: rejected
// message: nm can't read the object

#include "mm/buddy.h"

void other() asm("_Z1f1PI1AS0_ES_IS1_S1_ES_IS2_S2_ES_IS3_S3_ES_IS4_S4_ES_IS5_S5_ES_IS6_S6_ES_IS7_S7_E"
                 "S_IS8_S8_ES_IS9_S9_ES_ISA_SA_ES_ISB_SB_ES_ISC_SC_ES_ISD_SD_ES_ISE_SE_ES_ISF_SF_E"
                 "S_ISG_SG_ES_ISH_SH_ES_ISI_SI_ES_ISJ_SJ_ES_ISK_SK_ES_ISL_SL_ES_ISM_SM_E");
size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start) { return other(), *start = 0, max; }
void buddy_free(buddy *, size_t, size_t) {}
