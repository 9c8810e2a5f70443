# attack: Hands in a folder that is a link to the reference's.
# route: files
# class: stopped
# verdict: rejected
# message: kernel is a link

ln -s "$KIT/solutions" kernel
