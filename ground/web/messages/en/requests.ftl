# Requests and the desk where they are decided.
refusal-already-asked = There is a Request about this already: have a look at it.
refusal-own-request = Nobody decides what they asked for. Leave it to a colleague.
refusal-second-person = You agreed already: now a second person has to.
refusal-needs-reason = Choose a reason, or say in your own words why.
refusal-needs-company = This asks for a verified company. Have yours verified first.
refusal-not-offered = This is not offered any more.
refusal-not-now = This cannot be asked for as things stand now.
# Applying
rq-title = Requests
rq-lead = Everything you asked for, newest first, and how it stands.
rq-none = Nothing asked for yet
rq-none-why = Applications for categories, company verification and everything else that a person decides is kept here.
rq-see-categories = See the categories
rq-categories = Categories
rq-what = What
rq-reference = Reference
rq-state = State
rq-promised = Answer promised by
rq-changed = Last change
rq-state-draft = Draft
rq-state-pending = In review
rq-state-needs-changes = Needs changes
rq-state-approved = Approved
rq-state-rejected = Rejected
rq-state-withdrawn = Withdrawn
rq-kind-category = Application category
rq-kind-company = Company verification
rq-kind-group = API group
rq-kind-online = Going online
rq-kind-limit = Higher limit
rq-kind-test-seller = Test seller
rq-refused = This cannot be asked for now
rq-verify-company = Verify your company
rq-back = Back
rq-step = Step { $n } of { $of }
rq-title-error = Error:{" "}
rq-optional-note = Fields without “optional” must be filled in before you send it.
rq-reviewer-says = The reviewer says:
rq-to-correct = To correct
rq-save-and-go = Save and continue
rq-save-draft = Save the draft
rq-draft-note = What you type is kept as a draft of your team. Nobody else reads it until you send it.
rq-questions = Questions
rq-check = Check your answers
rq-check-lead = This is what the reviewer will read.
rq-check-hint = Then send it.
rq-check-again = Check and send again
rq-not-answered = Not answered
rq-agreed = Yes
rq-send-title = Send it
rq-declaration = By sending this you declare, for your developer, that what stands above is true and complete, and that you may hand it in.
rq-send = Send for review
rq-send-again = Send again
rq-later = Not yet
rq-sent = Sent for review
rq-your-reference = Your reference number
rq-place = Place in line
rq-place-note = Counting every Request that waits at the desk
rq-promised-note = Working days only. If we are late, the desk is told.
rq-next = What happens next
rq-next-read = A person reads it
rq-next-read-more = They may ask you something: answer on the page of your Request.
rq-next-told = You are told at every step
rq-next-told-more = By mail and in the portal: you, and those who manage your team.
rq-next-then = If something is to be changed
rq-next-then-more = You see which answer and why, correct it, and send it again. Nothing has to be typed twice.
rq-follow = Follow your Request
rq-to-home = To the start of the console
rq-stage-draft = Draft
rq-stage-sent = Sent
rq-stage-review = In review
rq-stage-decided = Decided
rq-draft-title = This is a draft
rq-late-title = We are late
rq-late = The promised time has passed. The desk knows; your place in line stays yours.
rq-whose-turn = Whose turn it is
rq-turn-claimed = A reviewer has it
rq-turn-desk = The desk
rq-turn-desk-note = You need not do anything now
rq-turn-you = It is your turn: the clock stands until you send it again.
rq-needs-title = The reviewer asks you to change something
rq-needs = Correct what is remarked on, then send it again.
rq-correct = Correct
rq-approved-title = Approved
rq-create-app = Create the app
rq-to-app = To the app
rq-rejected-title = Rejected
rq-rejected = You may ask again when the reason no longer holds.
rq-again = Ask again
rq-not-complete = Not complete
rq-difference = What you changed
rq-difference-lead = Between one time you sent it and the next.
rq-answers = What you sent
rq-history = History
rq-answer = Write to the reviewer
rq-answer-send = Send the message
rq-withdraw = Withdraw
rq-withdraw-draft = The draft and its files go. You can begin again at any time.
rq-withdraw-hint = Nobody reads it any more, and your place in line is lost. You can ask again.
rq-withdraw-sure = Yes, withdraw it
rq-did-begun = Draft begun
rq-did-submitted = Sent for review
rq-did-resubmitted = Corrected and sent again
rq-did-asked = The reviewer asks
rq-did-answered = You wrote
rq-did-sent-back = The reviewer asks for changes
rq-did-approved = Approved
rq-did-rejected = Rejected
rq-did-withdrawn = Withdrawn
rq-did-escalated = The promised time passed; the desk was told
rq-did-else = Worked on
said-rq-answered = The reviewer has your message
said-rq-withdrawn = Withdrawn
said-rq-draft-kept = The draft is kept
act-request-begun = Request begun
act-request-saved = Draft of a Request saved
act-request-submitted = Request sent for review
act-request-withdrawn = Request withdrawn
act-request-answered = Reviewer answered
rq-round = Sent for the { $n ->
        [2] second
        [3] third
       *[other] { $n }th
    } time
rq-state-active = Active
rq-categories-lead = What an app may do, for how long, and for whom. Choose what fits, and apply: a person reads it.
rq-one-app = Each category gives you one app. If you need apps of two kinds, apply for two categories.
rq-no-categories = No category is offered at the moment
rq-no-categories-why = The operator has not opened any yet. If you expected one, write to the support.
rq-for-whom = For
rq-for-self = Sellers’ own engineers
rq-for-commercial = Companies that build for many sellers
rq-for-individual = Individuals with an own store
rq-policy = Who may authorize the app
rq-policy-whitelist = Sellers on the app’s whitelist
rq-policy-any = Any seller who signs in
rq-policy-own = Only your own company’s stores
rq-company-needed = Verified company needed
rq-yours-is-verified = yours is verified
rq-yes = Yes
rq-no = No
rq-answered = Answer
rq-all-terms = All terms
rq-term = Term
rq-term-tokens = Tokens last
rq-term-sellers = Sellers who may authorize the app
rq-term-calls = Calls a day
rq-term-qps = Calls a second of one method
rq-tokens = { $access }, refreshed for { $refresh }
rq-tokens-once = { $access }, not refreshed
rq-groups-given = API groups from the start
rq-groups-open = API groups to ask for
rq-groups-none = None
rq-auth-page = Authorization page
rq-auth-page-shown = Shown to the seller
rq-auth-page-not = Not shown
rq-required = Required
rq-not-required = Not required
rq-card-draft = You have begun an application. Nobody reads it until you send it.
rq-card-place = Place { $place } in line
rq-card-due = answer promised by { $day }
rq-card-active = Approved: you may create your app.
rq-card-has-app = Your app of this category is there.
rq-card-none = You have not applied for it.
rq-go-on = Go on
rq-apply = Apply
rq-only-builders = Engineers, admins and the owner of your team can apply.
co-title = Company verification
co-lead = Once we know who stands behind your developer, more is open to you.
co-verified = Verified
co-not-verified = Not verified
co-none = Your company is not verified yet
co-none-why = You say which company it is, show its licence, and name the sellers that belong to it. A person compares them, usually within two working days.
co-was-rejected = The last verification was rejected: see why
co-change = Verify anew
co-since = Verified on
co-sellers = Sellers that belong to it
co-no-sellers = None named
co-needed = What it is needed for
co-needed-category = To apply for the category “{ $name }”
co-needed-own = For apps that only your own stores may authorize: the sellers named here are those stores
co-needed-shown = So that sellers see, when they authorize an app of yours, that somebody looked at who you are
home-needs-you = Needs you
home-category-waits = A person is reading it. You are told when there is an answer.
rq-within-days =
    { $n ->
        [one] Within one working day
       *[other] Within { $n } working days
    }
rq-days =
    { $n ->
        [one] 1 day
       *[other] { $n } days
    }
rq-hours =
    { $n ->
        [one] 1 hour
       *[other] { $n } hours
    }
rq-minutes =
    { $n ->
        [one] 1 minute
       *[other] { $n } minutes
    }
rq-file-out = Take the file out
