# Files that people hand in.
refusal-bad-file = This file is damaged, or not of a kind that is taken here
refusal-file-too-large = This file is too large
refusal-no-room-for-file = There is no room for another file
act-file-taken = File handed in
act-file-collected = File collected
file-hint = No file may be larger than { $size }. Taken: { $kinds }.
file-kinds-picture = PNG or JPEG pictures
file-kinds-document = PNG or JPEG pictures, and PDF
file-kinds-attachment = PNG or JPEG pictures, PDF, and plain text
file-bytes = { $n } bytes
file-kept = Kept. Choose another file to replace it.
trouble-too-large-title = This is too large
trouble-too-large = What you sent is larger than any page here takes. Go back, choose a smaller file, and send it again.
