# Files that people hand in.
refusal-bad-file = Este archivo está dañado o no es de un tipo que se acepte aquí
refusal-file-too-large = Este archivo es demasiado grande
refusal-no-room-for-file = No queda sitio para otro archivo
act-file-taken = Archivo entregado
act-file-collected = Archivo retirado
file-hint = Ningún archivo puede pasar de { $size }. Se aceptan: { $kinds }.
file-kinds-picture = imágenes PNG o JPEG
file-kinds-document = imágenes PNG o JPEG, y PDF
file-kinds-attachment = imágenes PNG o JPEG, PDF y texto sin formato
file-bytes = { $n } bytes
file-kept = Guardado. Elija otro archivo para sustituirlo.
trouble-too-large-title = Esto es demasiado grande
trouble-too-large = Lo que ha enviado supera lo que acepta cualquier página de aquí. Vuelva atrás, elija un archivo más pequeño y envíelo de nuevo.
