// attack: Says by #line that its mistake is in a file whose name has a line end: what tells of it was to read the rest as an address.
// route: the object
// class: stopped
// verdict: rejected
// message: a directive that these labs have no use for

#define buddy_alloc honest_alloc
@REFERENCE@
#undef buddy_alloc

#line 1 "mine\n0xzz"
size_t buddy_alloc(buddy *, size_t, size_t, size_t *)
{
    return *(volatile size_t *)0x13371337;
}
