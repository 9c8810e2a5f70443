// attack: Embeds a device without end, where the compiler knows how.
// route: reading while compiling
// class: stopped
// verdict: build
// message: error
// played: starts_empty

constexpr unsigned char all[] = {
#embed "/dev/zero"
};
