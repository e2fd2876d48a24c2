# Qué falla en un campo y por qué se rechaza algo.
problem-missing = Rellene este campo
problem-too-short =
    { $n ->
        [one] Al menos un carácter
       *[other] Al menos { $n } caracteres
    }
problem-too-long =
    { $n ->
        [one] Como máximo un carácter
       *[other] Como máximo { $n } caracteres
    }
problem-bad-email = Esto no es un correo, como nombre@example.com
problem-bad-phone = Dígitos con el prefijo del país, como +34 600 111 222
problem-bad-characters = Contiene un carácter invisible: escríbalo a mano
problem-not-one-of-these = Elija una de las opciones ofrecidas
problem-not-the-same = No coinciden
problem-must-agree = Para seguir, acepte el acuerdo
problem-wrong-password = Esta no es su contraseña
problem-wrong-code = Este código no es correcto o ya se usó
problem-too-common = Esta contraseña es de las primeras que cualquiera probaría
problem-holds-your-email = Esta contraseña se parece demasiado a su correo
problem-bad-number = Un número entero, en cifras
problem-too-small = Como mínimo { $n }
problem-too-large = Como máximo { $n }
problem-bad-url = Una dirección completa, como https://app.example.com/callback
problem-bad-app-name = Solo letras, cifras, puntos y guiones bajos: 30 como máximo, o 15 caracteres chinos
problem-name-taken = Otra aplicación tiene este nombre o uno que se le parece
problem-bad-file = El archivo está dañado o no es de un tipo que se acepte aquí
problem-file-too-large =
    { $n ->
        [one] El archivo puede tener como máximo 1 MB
       *[other] El archivo puede tener como máximo { $n } MB
    }
problem-bad-lines =
    { $n ->
        [one] Una línea no se pudo leer
       *[other] { $n } líneas no se pudieron leer
    }
problem-too-many = { $n } como máximo
refusal-throttled =
    { $minutes ->
        [one] Demasiados intentos. Espere un minuto.
       *[other] Demasiados intentos. Espere { $minutes } minutos.
    }
refusal-bad-credentials = El correo y la contraseña no se corresponden. Revise ambos o pida una contraseña nueva.
refusal-changed = Ha cambiado entretanto. Mírelo otra vez y vuelva a enviarlo.
refusal-owns-already = Esta cuenta ya es propietaria de un desarrollador. Traspáselo primero a otro miembro.
refusal-member-already = Esta persona ya está aquí o ya tiene una invitación.
refusal-other-address = Esta invitación es para otra dirección.
refusal-owner-stays = El propietario sigue siéndolo hasta que otro miembro ocupe su lugar.
refusal-last-administrator = Es el último administrador. Nombre antes a otro.
refusal-wrong-state = Esto ya se hizo.
problem-taken = Ya lo tiene otro
problem-twice = Aparece dos veces
