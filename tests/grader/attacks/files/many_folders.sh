# attack: Three hundred folders, one inside the other, and a thousand beside each other.
# route: files
# class: stopped
# verdict: 
# message: has none of buddy.cpp

for i in $(seq 1000); do mkdir $i; done
python3 -c "
import os
for i in range(300):
    os.mkdir('d')
    os.chdir('d')"
