# Sellers, messages in the portal, keys of the management API.
nav-sellers = Sellers
seller-active = Active
seller-suspended = Suspended
seller-closed = Closed
sellers-lead = Shops whose data the APIs touch. Apps are authorized by them, and by nobody else.
sellers-empty = No sellers yet
sellers-empty-why = They come from your marketplace: by a table, by the management API, or one by one.
sellers-search = Short code begins with
sellers-none-why = The search goes by the beginning of the short code; capitals and full-width letters make no difference.
sellers-next = Next page
sellers-import = Import sellers
sellers-export = Export
seller-add = Add a seller
seller-add-lead = For one or two. Many come faster by a table.
seller-name = Shop name
seller-code = Short code
seller-code-hint = What your marketplace calls the shop: letters, digits, “-”, “_” and “.”. It stays as it is.
seller-emails = Login addresses
seller-emails-hint = Those that developers may put on a whitelist. One per line.
seller-state = State
seller-changed = Changed
seller-since = Since
seller-test = Test seller
seller-test-of = Test seller of
seller-details = Details
seller-accounts = Who acts for this seller
seller-accounts-lead = These accounts decide which apps may see the shop’s data.
seller-account-add = Let this account act
seller-account-remove = Take away
seller-account-hint = Of an account that is active.
seller-activate = Make active
seller-activate-hint = It can authorize apps again.
seller-suspend = Suspend
seller-suspend-hint = It can authorize no app until it is active again.
seller-close = Close
seller-close-hint = The shop is gone for good. Its record stays.
sellers-csv = Table
sellers-csv-hint = CSV with the names of the columns in the first line. Paste it here; nothing is taken before you have seen it line by line.
sellers-look = Have a look first
sellers-import-lead = New short codes are added, known ones are brought up to date, others stay as they are.
sellers-columns = Columns
sellers-columns-lead = The first three are needed. Without “state” or “emails”, what is there stays.
sellers-preview = What would be done
sellers-preview-lead = Nothing has been written yet.
import-added = New
import-changed = Changed
import-same = As it is
import-wrong = Left out
import-all = All or nothing
import-all-hint = If a line is wrong, none is taken.
import-again = Back to the table
import-line = Line
import-outcome = What becomes of it
csv-quotes = The quotes in this line do not match
csv-line-end = A line end in the middle of this line
csv-columns = More or fewer columns than the first line
said-seller-added = The seller is added
said-seller-state = The state is changed
said-seller-account-added = The account acts for this seller now
said-seller-account-removed = The account no longer acts for this seller
said-sellers-imported = The sellers are imported
said-sellers-same = All of it was there already
act-seller-added = Seller added
act-seller-edited = Seller changed
act-seller-state-set = Seller’s state changed
act-seller-account-added = Account acts for seller
act-seller-account-removed = Account no longer acts for seller
act-seller-imported = Sellers imported
act-seller-released = Test seller given back
nav-inbox = Messages
inbox-lead = What happened to what you asked for, newest first. The important ones also come by mail.
inbox-empty = No messages
inbox-empty-why = When something happens to a request or a ticket of yours, it is told here.
inbox-what = Message
inbox-state = State
inbox-new = New
inbox-is-read = Read
inbox-read-all = Mark all as read
inbox-something = Something happened that concerns you
said-inbox-read = All are marked as read
nav-keys = API keys
keys-lead = For programs of yours that keep sellers up to date. A key may do what your role may at that moment, and no more.
key-name = Name
key-name-hint = Which program uses it.
key-days = Good for how many days
key-hint = Begins with
key-used = Last used
key-until = Good until
key-over = Over
key-never = Never
key-make = Make a key
key-make-lead = It is shown once. Only a fingerprint of it is kept.
key-made = Your new key
key-once = Keep it now: it is not shown again.
key-revoke = Revoke
said-key-revoked = The key is good for nothing any more
act-api-key-made = API key made
act-api-key-revoked = API key revoked
import-confirm =
    { $n ->
        [one] Take one line
       *[other] Take { $n } lines
    }
import-rest =
    { $n ->
        [one] And one more line without problems
       *[other] And { $n } more lines without problems
    }
key-days-hint =
    { $n ->
        [one] At most one
       *[other] At most { $n }
    }
inbox-unread = Messages, { $n } unread
nav-test-sellers = Test sellers
test-sellers-lead = Shops that exist for you alone: authorize your apps with them before they are live.
test-sellers-empty = No test sellers yet
test-sellers-empty-why = Ask for one: you act for it, and it stays yours until you give it back.
test-sellers-figure = { $n } of { $max }
test-seller-ask = Ask for a test seller
test-seller-release = Give back
said-test-seller-released = The test seller is given back
notice-request-submitted = { $reference } was sent in: { $title }
notice-request-answered = { $reference } was answered: { $title }
notice-request-needs-changes = { $reference } needs changes: { $title }
notice-request-approved = { $reference } is approved: { $title }
notice-request-rejected = { $reference } was rejected: { $title }
notice-request-message = New message on { $reference }: { $title }
notice-request-escalated = { $reference } is late: { $title }
