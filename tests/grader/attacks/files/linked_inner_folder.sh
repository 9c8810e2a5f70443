# attack: The same one level deeper.
# route: files
# class: stopped
# verdict: rejected
# message: mm is a link

mkdir kernel
ln -s "$KIT/solutions/mm" kernel/mm
