# Requests and the desk where they are decided.
refusal-already-asked = Ya hay una solicitud sobre esto: échale un vistazo.
refusal-own-request = Nadie decide sobre lo que ha solicitado. Déjaselo a otra persona.
refusal-second-person = Ya has dado tu conformidad: ahora hace falta la de otra persona.
refusal-needs-reason = Elige un motivo o explica con tus palabras por qué.
refusal-needs-company = Esto exige una empresa verificada. Verifica primero la tuya.
refusal-not-offered = Esto ya no se ofrece.
refusal-not-now = Tal como están las cosas, esto no se puede solicitar.
