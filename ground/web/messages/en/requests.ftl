# Requests and the desk where they are decided.
refusal-already-asked = There is a Request about this already: have a look at it.
refusal-own-request = Nobody decides what they asked for. Leave it to a colleague.
refusal-second-person = You agreed already: now a second person has to.
refusal-needs-reason = Choose a reason, or say in your own words why.
refusal-needs-company = This asks for a verified company. Have yours verified first.
refusal-not-offered = This is not offered any more.
refusal-not-now = This cannot be asked for as things stand now.
