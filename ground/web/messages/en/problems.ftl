# What is wrong with a field, and why something is refused.
problem-missing = Please fill this in
problem-too-short =
    { $n ->
        [one] At least one character
       *[other] At least { $n } characters
    }
problem-too-long =
    { $n ->
        [one] At most one character
       *[other] At most { $n } characters
    }
problem-bad-email = This is not an e-mail address, like name@example.com
problem-bad-phone = Digits with the country in front, like +34 600 111 222
problem-bad-characters = There is an invisible character in it: please type it by hand
problem-not-one-of-these = Please choose one that is offered
problem-not-the-same = The two are not the same
problem-must-agree = To go on, accept the agreement
problem-wrong-password = This is not your password
problem-wrong-code = This code is not right, or was used already
problem-too-common = This password is among the first that anybody would try
problem-holds-your-email = This password is too close to your e-mail address
problem-bad-number = A whole number, in digits
problem-too-small = At least { $n }
problem-too-large = At most { $n }
problem-bad-url = A full address, like https://app.example.com/callback
problem-bad-app-name = Letters, digits, dots and underscores only: 30 of them, or 15 Chinese characters
problem-name-taken = Another app has this name, or one that looks like it
problem-bad-file = This file is damaged, or not of a kind that is taken here
problem-file-too-large =
    { $n ->
        [one] The file may be at most 1 MB
       *[other] The file may be at most { $n } MB
    }
problem-bad-lines =
    { $n ->
        [one] One line could not be read
       *[other] { $n } lines could not be read
    }
problem-too-many = At most { $n } of them
refusal-throttled =
    { $minutes ->
        [one] Too many tries. Please wait a minute.
       *[other] Too many tries. Please wait { $minutes } minutes.
    }
refusal-bad-credentials = E-mail and password do not go together. Check both, or ask for a new password.
refusal-changed = It changed in the meantime. Have another look, then send it again.
refusal-owns-already = This account owns a developer already. Leave it to another member first.
refusal-member-already = This person is already there, or is invited already.
refusal-other-address = This invitation is for another address.
refusal-owner-stays = The owner stays until another member becomes the owner.
refusal-last-administrator = This is the last administrator. Make another one first.
refusal-wrong-state = This was done already.
problem-taken = Another one has this already
problem-twice = This comes twice
