# attack: Files whose names are nearly right: in other letters, with a blank, a dot, a letter that looks alike, and one that is as long as a name can be.
# route: files
# class: stopped
# verdict:
# message: has none of buddy.cpp

for name in BUDDY.CPP 'buddy.cpp ' buddy.cpp. 'buddy.cpp~' 'buddy‎.cpp' 'buddy．cpp' -buddy.cpp .buddy.cpp; do
    printf 'int x;\n' > "./$name"
done
printf 'int x;\n' > "$(printf 'a%.0s' $(seq 251)).cpp"
